using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PromHost.Api;

/// <summary>The limits of the web server that the API's clients need.</summary>
public static class ApiKestrelLimits
{
    /// <summary>The longest request line and the most header bytes. Go's net/http: 1 MiB.</summary>
    public const int MaxRequestHeadBytes = 1 << 20;

    /// <summary>Raises the limits of Kestrel to what Prometheus's server takes.</summary>
    public static void Apply(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        // The request line counts its method, target and version; clients such as Grafana send long queries in it.
        options.Limits.MaxRequestBufferSize = 2 * MaxRequestHeadBytes;
        options.Limits.MaxRequestLineSize = MaxRequestHeadBytes;
        options.Limits.MaxRequestHeadersTotalSize = MaxRequestHeadBytes;
        options.Limits.MaxRequestHeaderCount = 1000;
        // Kestrel's 413 would be repeated for ever by some senders; every endpoint that reads a body has its own limit.
        options.Limits.MaxRequestBodySize = null;
    }
}
