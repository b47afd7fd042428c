// Hot path.
namespace PromHost.PromQL;

/// <summary>
/// <c>rate</c>, <c>increase</c>, <c>delta</c> of <c>anchored</c> and <c>smoothed</c> ranges: nothing is extrapolated;
/// the sample before the range, or the line through its end, says where the range begins.
/// </summary>
/// <param name="rangeMs">The length of the range.</param>
/// <param name="smoothed">Smoothed, not anchored.</param>
internal readonly struct ExtendedRateKernel<TShape>(long rangeMs, bool smoothed) : IRangeKernel
    where TShape : struct, IRateShape
{
    private readonly double _rangeSeconds = GoDuration.Seconds(rangeMs);

    /// <inheritdoc/>
    public void Begin(in RangeWindow window)
    {
    }

    /// <inheritdoc/>
    public bool TryCompute(in RangeWindow window, out double value)
    {
        value = 0;
        var times = window.TimestampsMs[window.First..window.End];
        var values = window.WindowValues;
        if (!Interpolation.TryFindEnds(times, window.StartMs, window.EndMs, smoothed, out var first, out var last))
            return false;
        var left = Interpolation.Left(times, values, first, window.StartMs, smoothed, TShape.IsCounter);
        var right = Interpolation.Right(times, values, last, window.EndMs, smoothed, TShape.IsCounter);
        value = right - left;
        if (TShape.IsCounter)
        {
            // The ends have their resets in them already.
            if (times[first] <= window.StartMs) first++;
            if (times[last] >= window.EndMs) last--;
            value += CorrectionOf(left, right, values.Slice(first, Math.Max(0, last - first + 1)));
        }

        if (TShape.IsPerSecond) value /= _rangeSeconds;
        return true;
    }

    private static double CorrectionOf(double left, double right, ReadOnlySpan<double> values)
    {
        double correction = 0;
        var before = left;
        foreach (var value in values)
        {
            if (value < before) correction += before;
            before = value;
        }

        return right < before ? correction + before : correction;
    }
}
