// Hot path.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Counts changes between neighbouring samples of each window, from a running count over the series.</summary>
internal struct StepChangesKernel<TChange> : IRangeKernel
    where TChange : struct, IStepChange
{
    private int[] _counts; // changes up to and including the sample

    public StepChangesKernel() => _counts = [];

    /// <inheritdoc/>
    public void Begin(in RangeWindow window)
    {
        var values = window.Values;
        if (_counts.Length < values.Length) _counts = new int[Math.Max(values.Length, 256)];
        _counts[0] = 0;
        for (var i = 1; i < values.Length; i++)
            _counts[i] = _counts[i - 1] + (TChange.Counts(values[i - 1], values[i]) ? 1 : 0);
    }

    /// <inheritdoc/>
    public readonly bool TryCompute(in RangeWindow window, out double value)
    {
        value = _counts[window.End - 1] - _counts[window.First];
        return true;
    }
}

/// <summary>What counts between one sample and the next.</summary>
internal interface IStepChange
{
    /// <summary>Does going from one value to the next count?</summary>
    static abstract bool Counts(double before, double value);

    /// <summary>Does going from one histogram to the next count?</summary>
    static abstract bool Counts(NativeHistogram before, NativeHistogram value);

    /// <summary>Does it count too when a start timestamp says that the counter began anew?</summary>
    static abstract bool UsesStarts { get; }
}

/// <summary><c>resets</c></summary>
internal readonly struct Resets : IStepChange
{
    public static bool UsesStarts => true;

    public static bool Counts(double before, double value) => value < before;

    public static bool Counts(NativeHistogram before, NativeHistogram value) =>
        CounterResetDetection.IsReset(value, before);
}

/// <summary><c>changes</c>: NaN after NaN is none.</summary>
internal readonly struct Changes : IStepChange
{
    public static bool UsesStarts => false;

    public static bool Counts(double before, double value) =>
        value != before && !(double.IsNaN(value) && double.IsNaN(before));

    public static bool Counts(NativeHistogram before, NativeHistogram value) =>
        !HistogramIdentity.AreEqual(value, before);
}
