using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace PromHost.Api;

/// <summary>The limits of the web server that the API's clients need.</summary>
public static class ApiKestrelLimits
{
    /// <summary>The longest request line and the most header bytes. Go's net/http: 1 MiB.</summary>
    public const int MaxRequestHeadBytes = 1 << 20;

    private const int MaxResponseBufferBytes = 1 << 20;

    // A slower client is one that holds a connection and no more. Bytes per second, on average.
    private const double MinBytesPerSecond = 240;

    // How long a client may stall before it counts: an agent whose network hangs for some seconds must not lose its
    // batch to a 408, which senders drop. Prometheus's --web.read-timeout.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>
    /// A request goes on with what was read, and an answer with its sending, on the thread that is there. Each time
    /// another thread takes over it must be woken, which costs small requests more than all else.
    /// </summary>
    public static void Apply(SocketTransportOptions options) => options.UnsafePreferInlineScheduling = true;

    /// <summary>Raises the limits of Kestrel to what Prometheus's server takes.</summary>
    public static void Apply(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        // The request line counts its method, target and version; clients such as Grafana send long queries in it.
        options.Limits.MaxRequestBufferSize = 2 * MaxRequestHeadBytes;
        options.Limits.MaxRequestLineSize = MaxRequestHeadBytes;
        options.Limits.MaxRequestHeadersTotalSize = MaxRequestHeadBytes;
        options.Limits.MaxRequestHeaderCount = 1000;
        options.Limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, Patience);
        options.Limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, Patience);
        // An answer is written while its beginning is sent; with less the two would wait for each other at every piece.
        options.Limits.MaxResponseBufferSize = MaxResponseBufferBytes;
        // Kestrel's 413 would be repeated for ever by some senders; every endpoint that reads a body has its own limit.
        options.Limits.MaxRequestBodySize = null;
    }
}
