namespace PromHost.PromQL;

/// <summary>
/// What a range function computes from one window of float samples. A struct, so that the loop over the steps is
/// compiled for each kernel; it carries its state from window to window of one series.
/// </summary>
internal interface IRangeKernel
{
    /// <summary>Gets ready for another series.</summary>
    /// <param name="window">The samples; the window itself means nothing yet.</param>
    void Begin(in RangeWindow window);

    /// <summary>Computes the value of a window. Windows come in order; neither end ever moves back.</summary>
    /// <param name="window">The samples and the window.</param>
    /// <param name="value">The value, where there is one.</param>
    /// <returns>Is there a point at this step?</returns>
    bool TryCompute(in RangeWindow window, out double value);
}
