using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>
/// What a range function computes from one window of float samples. A struct, so that the loop over the steps is
/// compiled for each kernel; it carries its state from window to window of one series.
/// </summary>
internal interface IRangeKernel
{
    /// <summary>
    /// The windows of four steps may be computed at a time when all have so many samples; for kernels that carry
    /// nothing from window to window.
    /// </summary>
    static virtual int MinLaneSamples => int.MaxValue;

    /// <summary>Only when they have as many samples as each other: for kernels that go over all samples.</summary>
    static virtual bool LanesHaveSameCount => false;

    /// <summary>Has it a way of its own to compute windows that are <see cref="WindowBlock.AreAlike"/>?</summary>
    static virtual bool ComputesAlike => false;

    /// <summary>Gets ready for another series.</summary>
    /// <param name="window">The samples; the window itself means nothing yet.</param>
    void Begin(in RangeWindow window);

    /// <summary>Computes the value of a window. Windows come in order; neither end ever moves back.</summary>
    /// <param name="window">The samples and the window.</param>
    /// <param name="value">The value, where there is one.</param>
    /// <returns>Is there a point at this step?</returns>
    bool TryCompute(in RangeWindow window, out double value);

    /// <summary>Computes four windows that all have a value, with the bits of <see cref="TryCompute"/>.</summary>
    /// <param name="windows">Where they are.</param>
    /// <param name="index">The first of the four, of at least <see cref="MinLaneSamples"/> samples each.</param>
    /// <param name="values">Their values.</param>
    /// <returns>False when they have to be computed one by one.</returns>
    bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values)
    {
        values = default;
        return false;
    }

    /// <summary>
    /// Computes windows that are <see cref="WindowBlock.AreAlike"/>, with the bits of <see cref="TryCompute"/>.
    /// </summary>
    /// <param name="windows">Where they are.</param>
    /// <param name="points">Receives their values.</param>
    /// <returns>How many it has computed, from the first on; the others are computed one by one.</returns>
    int ComputeAlike(in WindowBlock windows, Span<double> points) => 0;
}
