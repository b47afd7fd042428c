// Hot path: filled per series that has histograms.
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// Leaves of histograms only what <c>histogram_count</c>, <c>histogram_sum</c> and <c>histogram_avg</c> need: count,
/// sum and schema, and whether there was a reset before, which cannot be told without buckets afterwards (Prometheus
/// 3.14, <c>HistogramStatsIterator</c>). So a reset is known here where it is not elsewhere, and annotations differ.
/// </summary>
/// <param name="windows">What the query reads of each series.</param>
internal sealed class HistogramStatistics(RangeGrid windows)
{
    // Where windows lie apart, the samples between them are passed over, and the one before is not known.
    private readonly bool _hasGaps = !windows.Times.IsFixed && windows.Grid.Count > 1 &&
        windows.Grid.StepMs > windows.RangeMs + windows.BeforeMs + windows.AfterMs;

    /// <summary>Takes the buckets out of the samples of a series.</summary>
    public void Reduce(SampleColumns columns)
    {
        var histograms = columns.Histograms;
        if (histograms.IsEmpty) return;
        if (columns.Pool is not { } pool)
            throw new ArgumentException("Histograms of others are not changed.", nameof(columns));
        NativeHistogram? before = null; // with its buckets, until the next one has been compared with it
        for (var i = 0; i < histograms.Length; i++)
        {
            if (_hasGaps && i > 0 && IsAfterGap(columns.TimestampsMs[i - 1], columns.TimestampsMs[i]))
                Forget(pool, ref before);
            if (histograms[i] is not { } histogram) continue;
            if (StaleMarker.Is(histogram.Sum))
            {
                pool.RemoveBuckets(histogram);
                continue;
            }

            pool.SetHint(histogram, HintOf(histogram, before));
            Forget(pool, ref before);
            before = histogram;
        }

        Forget(pool, ref before);
    }

    private static void Forget(HistogramPool pool, ref NativeHistogram? before)
    {
        if (before is not null) pool.RemoveBuckets(before);
        before = null;
    }

    private static CounterResetHint HintOf(NativeHistogram histogram, NativeHistogram? before)
    {
        if (histogram.CounterResetHint != CounterResetHint.Unknown || before is null) return histogram.CounterResetHint;
        return CounterResetDetection.IsReset(histogram, before)
            ? CounterResetHint.CounterReset
            : CounterResetHint.NotCounterReset;
    }

    // Is a sample the first of a window, and the one before it between that window and the one before?
    private bool IsAfterGap(long beforeMs, long timeMs)
    {
        var grid = windows.Grid;
        var firstEndMs = windows.Times.At(grid.StartMs) + windows.AfterMs;
        if (beforeMs < firstEndMs) return false;
        var step = (beforeMs - firstEndMs) / grid.StepMs + 1;
        var startMs = firstEndMs + step * grid.StepMs - windows.AfterMs - windows.RangeMs - windows.BeforeMs;
        return step < grid.Count && beforeMs < startMs && startMs <= timeMs;
    }
}
