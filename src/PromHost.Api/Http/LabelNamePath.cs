using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PromHost.Model;

namespace PromHost.Api;

/// <summary>The label name in the path of <c>/api/v1/label/{name}/values</c>.</summary>
internal static class LabelNamePath
{
    private const string EscapePrefix = "U__";

    /// <summary>
    /// The name, taken from the request's target as it was sent: the web server's own decoding leaves <c>%2F</c> and
    /// bytes that are not UTF-8 encoded.
    /// </summary>
    /// <exception cref="ApiException">It is no label name.</exception>
    public static string Read(HttpContext http)
    {
        var target = http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var path = target.AsSpan();
        if (path.IndexOf('?') is >= 0 and var query) path = path[..query];
        path = path.TrimEnd('/');
        path = path[..Math.Max(0, path.LastIndexOf('/'))];
        var segment = path[(path.LastIndexOf('/') + 1)..];
        var decoded = UrlEncodedForm.TryDecode(Encoding.UTF8.GetBytes(segment.ToString()), plusIsSpace: false,
            out var name, out _);
        var text = decoded && Utf8.IsValid(name) ? Unescape(Encoding.UTF8.GetString(name)) : "";
        if (text.Length > 0) return text;
        var quoted = name.AsSpan().SequenceEqual("U__"u8) ? "\"\"" : GoText.Quote(name);
        throw new ApiException(ApiErrorType.BadData, "invalid label name: " + quoted);
    }

    /// <summary>
    /// Undoes the escaping of names into the legacy character set: after <c>U__</c>, two underscores stand for one and
    /// <c>_hex_</c> for a character. A name that is not escaped properly is itself.
    /// </summary>
    public static string Unescape(string name)
    {
        if (!name.StartsWith(EscapePrefix, StringComparison.Ordinal)) return name;
        var text = new StringBuilder(name.Length);
        for (var i = EscapePrefix.Length; i < name.Length; i++)
        {
            if (name[i] != '_')
            {
                text.Append(name[i]);
                continue;
            }

            var end = name.IndexOf('_', i + 1);
            if (end < 0) return name;
            if (!TryAppend(text, name.AsSpan(i + 1, end - i - 1))) return name;
            i = end;
        }

        return text.ToString();
    }

    private static bool TryAppend(StringBuilder text, ReadOnlySpan<char> code)
    {
        if (code.IsEmpty)
        {
            text.Append('_');
            return true;
        }

        if (code.Length > 6 ||
            !int.TryParse(code, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ||
            !Rune.IsValid(value)) return false;
        text.Append(new Rune(value).ToString());
        return true;
    }
}
