// Hot path.
namespace PromHost.PromQL;

/// <summary><c>irate</c> (a counter, per second) and <c>idelta</c>: the change between the last two samples.</summary>
internal readonly struct LastTwoKernel<TShape> : IRangeKernel
    where TShape : struct, IRateShape
{
    /// <inheritdoc/>
    public void Begin(in RangeWindow window)
    {
    }

    /// <inheritdoc/>
    public bool TryCompute(in RangeWindow window, out double value)
    {
        value = 0;
        var last = window.End - 1;
        if (last <= window.First) return false;
        var intervalMs = window.TimestampsMs[last] - window.TimestampsMs[last - 1];
        if (intervalMs == 0) return false;
        var before = window.Values[last - 1];
        value = window.Values[last];
        // After a reset the counter's value is its increase.
        if (!TShape.IsCounter || !(value < before)) value -= before;
        if (TShape.IsPerSecond) value /= intervalMs / 1000.0;
        return true;
    }
}
