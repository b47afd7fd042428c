using Microsoft.AspNetCore.Http;

namespace PromHost.Api;

/// <summary>What a remote-write request says of its body.</summary>
internal static class RemoteWriteHeaders
{
    private const string Version1 = "prometheus.WriteRequest";
    private const string MediaType = "application/x-protobuf";

    /// <summary>Says why a body is not taken, or null when it is a snappy block of remote write 1.0.</summary>
    public static string? Refuse(HttpRequest request) =>
        RefuseType(request.ContentType ?? "") ?? RefuseEncoding(request.Headers.ContentEncoding.ToString());

    private static string? RefuseType(string contentType)
    {
        if (contentType.AsSpan().Trim().IsEmpty) return null;
        var parts = contentType.Split(';', StringSplitOptions.TrimEntries);
        if (!string.Equals(parts[0], MediaType, StringComparison.OrdinalIgnoreCase))
            return $"expected {MediaType} as the first (media) part, got {contentType} content-type\n";
        for (var i = 1; i < parts.Length; i++)
        {
            var pair = parts[i].Split('=', StringSplitOptions.TrimEntries);
            if (pair.Length != 2)
            {
                return "as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be " +
                    $"key-values, got {parts[i]} in {contentType} content-type\n";
            }

            if (!string.Equals(pair[0], "proto", StringComparison.OrdinalIgnoreCase)) continue;
            var message = pair[1].Trim('"');
            if (string.Equals(message, Version1, StringComparison.Ordinal)) return null;
            return $"{message} protobuf message is not accepted by this server; only accepts {Version1}\n";
        }

        return null;
    }

    private static string? RefuseEncoding(string encoding) =>
        encoding.Length == 0 || string.Equals(encoding, "snappy", StringComparison.OrdinalIgnoreCase)
            ? null
            : $"{encoding} encoding (compression) is not accepted by this server; only snappy is acceptable\n";
}
