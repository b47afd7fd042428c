using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// What a function wants to know of classic histograms. A measure whose parameter names a label may give several series
/// per histogram, one for each value of the parameter; they are its variants.
/// </summary>
internal interface IClassicMeasure : IDisposable
{
    /// <summary>Evaluates the parameters.</summary>
    void Evaluate(StepGrid grid);

    /// <summary>The labels of the results, one set per variant.</summary>
    IEnumerable<Labels> Label(Labels histogram);

    /// <summary>Has the variant a result at the step?</summary>
    bool IsAsked(int variant, int step);

    /// <summary>The result at a step.</summary>
    double Measure(ref ClassicBuckets buckets, int step);
}
