using PromHost.Model;

namespace PromHost.Interop.Tests;

/// <summary>A random series.</summary>
/// <param name="Labels">Its labels as name and value, the metric's name first.</param>
/// <param name="Samples">Its samples, ascending by time; a histogram or a float each.</param>
internal sealed record FuzzSeries(
    (string Name, string Value)[] Labels,
    IReadOnlyList<(long TimeMs, double Value, NativeHistogram? Histogram)> Samples);
