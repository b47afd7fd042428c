using PromHost.Model;

namespace PromHost.Storage;

/// <summary>A sample that the storage did not take.</summary>
/// <param name="Labels">Its series.</param>
/// <param name="Sample">What was offered.</param>
/// <param name="Reason">Why it was not taken.</param>
/// <param name="Existing">What is stored: the sample of that timestamp, or the newest of the series.</param>
public readonly record struct RejectedSample(
    Labels Labels, FloatSample Sample, AppendResult Reason, FloatSample Existing)
{
    /// <summary>The native histogram that was offered, whose sum is the sample's value; null for a float.</summary>
    public NativeHistogram? Histogram { get; init; }
}
