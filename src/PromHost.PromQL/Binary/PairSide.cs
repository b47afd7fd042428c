using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>One side of the pairs of a binary operation over all steps.</summary>
/// <param name="values">A value per step; means something only where there is a point that is a float.</param>
/// <param name="histograms">
/// A histogram per step, null where the point is a float; empty where all are floats.
/// </param>
internal readonly ref struct PairSide(ReadOnlySpan<double> values, ReadOnlySpan<NativeHistogram?> histograms)
{
    /// <summary>A value per step; means something only where there is a point that is a float.</summary>
    public ReadOnlySpan<double> Values { get; } = values;

    /// <summary>May there be histograms?</summary>
    public bool HasHistograms => !Histograms.IsEmpty;

    private ReadOnlySpan<NativeHistogram?> Histograms { get; } = histograms;

    /// <summary>The side with other values.</summary>
    public PairSide WithValues(ReadOnlySpan<double> others) => new(others, Histograms);

    /// <summary>The histogram of a point; null if it is a float.</summary>
    public NativeHistogram? HistogramAt(int step) => Histograms.IsEmpty ? null : Histograms[step];
}
