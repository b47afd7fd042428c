// Hot path: one call per window of a series that has histograms.
namespace PromHost.PromQL;

/// <summary>
/// <c>resets</c> and <c>changes</c> where there are histograms or start timestamps, from a running count over the
/// series. Going from a float to a histogram or back counts.
/// </summary>
/// <param name="isAnchored">Does each range begin with the last sample before it?</param>
internal sealed class MixedChangesKernel<TChange>(bool isAnchored) : MixedRangeKernel
    where TChange : struct, IStepChange
{
    private int[] _counts = []; // changes up to and including the sample

    /// <inheritdoc/>
    public override void Begin(MixedSamples samples)
    {
        if (_counts.Length < samples.Count) _counts = new int[Math.Max(samples.Count, 256)];
        _counts[0] = 0;
        for (var i = 1; i < samples.Count; i++)
        {
            if ((i & 255) == 0) Cancellation.ThrowIfCancellationRequested();
            _counts[i] = _counts[i - 1] + (Counts(samples, i) ? 1 : 0);
        }
    }

    /// <inheritdoc/>
    public override void Compute(in MixedWindow window, SeriesRow row)
    {
        var first = window.First;
        if (isAnchored)
        {
            var inside = Interpolation.FirstAfter(
                window.Samples.TimestampsMs[first..window.End], window.StartMs);
            if (first + inside == window.End) return;
            first += Math.Max(0, inside - 1);
        }

        row.Set(window.Step, _counts[window.End - 1] - _counts[first]);
    }

    private static bool Counts(MixedSamples samples, int index)
    {
        var before = samples.HistogramsOrNull[index - 1];
        var histogram = samples.HistogramsOrNull[index];
        if (before is null != histogram is null) return true;
        if (TChange.UsesStarts && samples.HasStartTimestamps && IsStartReset(samples, index)) return true;
        return histogram is null
            ? TChange.Counts(samples.Values[index - 1], samples.Values[index])
            : TChange.Counts(before!, histogram);
    }

    private static bool IsStartReset(MixedSamples samples, int index)
    {
        var times = samples.TimestampsMs;
        var starts = samples.StartTimestampsMs;
        return CounterStart.IsReset(starts[index - 1], times[index - 1], starts[index], times[index]);
    }
}
