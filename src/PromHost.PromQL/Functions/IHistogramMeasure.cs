using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// What a function wants to know of histograms, classic and native ones. A measure whose parameter names a label may
/// give several series per histogram, one for each value of the parameter; they are its variants.
/// </summary>
internal interface IHistogramMeasure : IDisposable
{
    /// <summary>Evaluates the parameters.</summary>
    void Evaluate(StepGrid grid);

    /// <summary>The labels of the results, one set per variant.</summary>
    IEnumerable<Labels> Label(Labels histogram);

    /// <summary>Has the variant a result at the step?</summary>
    bool IsAsked(int variant, int step);

    /// <summary>The result of a classic histogram at a step.</summary>
    double Measure(ref ClassicBuckets buckets, int step);

    /// <summary>The result of a native histogram at a step.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="step">The step.</param>
    /// <param name="info">What is to be told of it, without the metric's name; usually null.</param>
    double Measure(NativeHistogram histogram, int step, out string? info);
}
