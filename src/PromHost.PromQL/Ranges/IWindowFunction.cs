using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>A function of a window that needs nothing but the window: no state, always a value.</summary>
internal interface IWindowFunction
{
    /// <summary>The value of a window.</summary>
    static abstract double Compute(in RangeWindow window);

    /// <inheritdoc cref="IRangeKernel.MinLaneSamples"/>
    static virtual int MinLaneSamples => int.MaxValue;

    /// <inheritdoc cref="IRangeKernel.TryComputeLanes"/>
    static virtual bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values)
    {
        values = default;
        return false;
    }
}

/// <summary>Makes a kernel of a <see cref="IWindowFunction"/>.</summary>
internal readonly struct WindowKernel<TFunction> : IRangeKernel
    where TFunction : struct, IWindowFunction
{
    /// <inheritdoc/>
    public static int MinLaneSamples => TFunction.MinLaneSamples;

    /// <inheritdoc/>
    public static bool LanesHaveSameCount => true;

    /// <inheritdoc/>
    public void Begin(in RangeWindow window)
    {
    }

    /// <inheritdoc/>
    public bool TryCompute(in RangeWindow window, out double value)
    {
        value = TFunction.Compute(window);
        return true;
    }

    /// <inheritdoc/>
    public bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values) =>
        TFunction.TryComputeLanes(windows, index, out values);
}
