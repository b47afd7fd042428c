using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>
/// What a range function computes from one window of float samples. A struct, so that the loop over the steps is
/// compiled for each kernel; it carries its state from window to window of one series.
/// </summary>
internal interface IRangeKernel
{
    /// <summary>
    /// Windows of so many samples and more may be computed four at a time; for functions that go over all samples of
    /// every window and carry nothing from one to the next.
    /// </summary>
    static virtual int MinLaneSamples => int.MaxValue;

    /// <summary>Gets ready for another series.</summary>
    /// <param name="window">The samples; the window itself means nothing yet.</param>
    void Begin(in RangeWindow window);

    /// <summary>Computes the value of a window. Windows come in order; neither end ever moves back.</summary>
    /// <param name="window">The samples and the window.</param>
    /// <param name="value">The value, where there is one.</param>
    /// <returns>Is there a point at this step?</returns>
    bool TryCompute(in RangeWindow window, out double value);

    /// <summary>Computes four windows that all have a value, with the bits of <see cref="TryCompute"/>.</summary>
    /// <param name="windows">Of at least <see cref="MinLaneSamples"/> samples.</param>
    /// <param name="values">Their values.</param>
    /// <returns>False when they have to be computed one by one.</returns>
    bool TryComputeLanes(in WindowLanes windows, out Vector256<double> values)
    {
        values = default;
        return false;
    }
}
