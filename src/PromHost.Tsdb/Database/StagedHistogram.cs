using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>A native histogram that waits for its commit; a <see cref="StagedSample"/> stands for it.</summary>
/// <param name="StartTimestampMs">Its start timestamp; 0 is unknown.</param>
/// <param name="Histogram">The histogram.</param>
internal readonly record struct StagedHistogram(long StartTimestampMs, NativeHistogram Histogram);
