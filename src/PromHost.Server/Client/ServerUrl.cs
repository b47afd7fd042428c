namespace PromHost.Server;

/// <summary>Where a server is.</summary>
internal static class ServerUrl
{
    /// <summary>Reads <c>http://host:port/prefix</c>; <c>http://</c> may be left out.</summary>
    /// <returns>Null when it is no URL of HTTP.</returns>
    public static Uri? Parse(string text)
    {
        var full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (!Uri.TryCreate(full, UriKind.Absolute, out var url)) return null;
        return url.Scheme is "http" or "https" && url.Host.Length > 0 ? url : null;
    }
}
