using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>An instant vector as columns, in the order of the evaluation.</summary>
/// <param name="TimestampMs">The evaluation time, milliseconds since the Unix epoch.</param>
/// <param name="Labels">The labels of each sample.</param>
/// <param name="Values">The value of each sample; means nothing where it is a histogram.</param>
/// <param name="Histograms">The histogram of each sample or null; empty when there is none at all.</param>
public sealed record VectorResult(
    long TimestampMs,
    ReadOnlyMemory<Labels> Labels,
    ReadOnlyMemory<double> Values,
    ReadOnlyMemory<NativeHistogram?> Histograms) : QueryValue(ValueType.Vector)
{
    /// <summary>The number of samples.</summary>
    public int Count => Labels.Length;
}
