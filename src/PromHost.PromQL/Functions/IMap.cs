using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>A function of one float.</summary>
internal interface IMap
{
    /// <summary>The function.</summary>
    static abstract double Apply(double value);

    /// <summary>The function of a native histogram; null, as with most, if there is none.</summary>
    static virtual NativeHistogram? Apply(NativeHistogram histogram) => null;
}

/// <summary>The sign changed.</summary>
internal readonly struct Negation : IMap
{
    public static double Apply(double value) => -value;

    public static NativeHistogram? Apply(NativeHistogram histogram) => HistogramArithmetic.Negate(histogram);
}
