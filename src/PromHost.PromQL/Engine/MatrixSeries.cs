using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>A series of a range query's answer: its points as columns, ascending by time.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="TimestampsMs">Times of the float points, milliseconds since the Unix epoch.</param>
/// <param name="Values">Values of the float points.</param>
/// <param name="HistogramTimestampsMs">Times of the histogram points.</param>
/// <param name="Histograms">The histogram points.</param>
public sealed record MatrixSeries(
    Labels Labels,
    ReadOnlyMemory<long> TimestampsMs,
    ReadOnlyMemory<double> Values,
    ReadOnlyMemory<long> HistogramTimestampsMs,
    ReadOnlyMemory<NativeHistogram> Histograms);
