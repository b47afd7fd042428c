namespace PromHost.Remote;

/// <summary>Limits of the remote-write receiver. Immutable.</summary>
public sealed record RemoteWriteLimits
{
    /// <summary>
    /// The largest message after decompression, in bytes; 32 MiB, the limit that Prometheus sets for a request.
    /// </summary>
    public int MaxDecodedBytes { get; init; } = 32 << 20;

    /// <summary>
    /// The most series, exemplars or metadata entries of one request; 1,048,576, which no useful request of the largest
    /// size reaches. Empty ones take two bytes: without this a small body would claim a gigabyte.
    /// </summary>
    public int MaxEntries { get; init; } = 1 << 20;

    /// <summary>The most float samples of one request; 4,194,304, for the same reason.</summary>
    public int MaxSamples { get; init; } = 1 << 22;

    /// <summary>
    /// The most native histograms of one request; 262,144, for the same reason. Of their buckets, spans and bounds
    /// there may be <see cref="MaxSamples"/> together.
    /// </summary>
    public int MaxHistograms { get; init; } = 1 << 18;

    /// <summary>The largest native histogram, in bytes; 1 MiB: one has a few hundred buckets.</summary>
    public int MaxHistogramBytes { get; init; } = 1 << 20;

    /// <summary>How far timestamps may be ahead of the clock; 10 minutes as Prometheus's maxAheadTime.</summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromMinutes(10);
}
