using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Which times a batch may append (Prometheus: <c>memSeries.appendable</c>). They depend on the newest sample of the
/// head as it was before the batch: what a batch itself brings moves nothing.
/// </summary>
/// <param name="HeadMaxTimeMs">The newest in-order timestamp of the head.</param>
/// <param name="InOrderFromMs">Samples before it are not appended in order.</param>
/// <param name="OutOfOrderFromMs">Samples before it are not taken out of order either.</param>
/// <param name="HasWindow">Are samples taken out of order at all?</param>
internal readonly record struct AppendBounds(
    long HeadMaxTimeMs, long InOrderFromMs, long OutOfOrderFromMs, bool HasWindow)
{
    /// <summary>The bounds at a moment.</summary>
    /// <param name="headMaxTimeMs">The newest in-order timestamp of the head.</param>
    /// <param name="minValidTimeMs">What is older lies in blocks.</param>
    /// <param name="blockRangeMs">Length of a block; its half is kept clear of the part that is compacted next.</param>
    /// <param name="windowMs">How far samples may lie behind the head; 0 when none are taken out of order.</param>
    public static AppendBounds Of(long headMaxTimeMs, long minValidTimeMs, long blockRangeMs, long windowMs) => new(
        headMaxTimeMs,
        Math.Max(minValidTimeMs, Before(headMaxTimeMs, blockRangeMs / 2)),
        Before(headMaxTimeMs, windowMs),
        windowMs > 0);

    /// <summary>
    /// What becomes of a sample that cannot be appended in order and is not stored yet: <see
    /// cref="AppendResult.Stored"/> when it is taken out of order.
    /// </summary>
    public AppendResult Judge(long timestampMs)
    {
        if (HasWindow) return timestampMs >= OutOfOrderFromMs ? AppendResult.Stored : AppendResult.TooOld;
        return timestampMs < InOrderFromMs ? AppendResult.OutOfBounds : AppendResult.OutOfOrder;
    }

    private static long Before(long timestampMs, long spanMs) =>
        timestampMs < long.MinValue + spanMs ? long.MinValue : timestampMs - spanMs;
}
