namespace PromHost.Remote;

/// <summary>Limits of the remote-write receiver. Immutable.</summary>
public sealed record RemoteWriteLimits
{
    /// <summary>
    /// The largest message after decompression, in bytes; 32 MiB, the limit that Prometheus sets for a request.
    /// </summary>
    public int MaxDecodedBytes { get; init; } = 32 << 20;

    /// <summary>How far timestamps may be ahead of the clock; 10 minutes as Prometheus's maxAheadTime.</summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromMinutes(10);
}
