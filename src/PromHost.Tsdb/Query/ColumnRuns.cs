// Hot path: queries over overlapping blocks pass here.
using System.Collections.Concurrent;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Puts runs of samples that were read one after the other into the order of time, each timestamp once. Thread-safe.
/// </summary>
/// <remarks>
/// A run is what one source gave, ascending. Of samples with equal timestamps that of the lowest rank stays: where
/// Prometheus begins to merge, it takes the head's before a block's, and an earlier block's before a later one's.
/// </remarks>
internal sealed class ColumnRuns
{
    private readonly ConcurrentBag<SampleColumns> _scratches = [];

    /// <summary>Merges runs in place.</summary>
    /// <param name="columns">The runs, one behind the other, up to the end.</param>
    /// <param name="starts">Where each of them begins, ascending; none is empty.</param>
    /// <param name="ranks">Their ranks, all different.</param>
    public void Merge(SampleColumns columns, ReadOnlySpan<int> starts, ReadOnlySpan<int> ranks)
    {
        var first = starts[0];
        if (!_scratches.TryTake(out var source)) source = new SampleColumns();
        source.Clear();
        source.Add(columns, first, columns.Count - first);
        columns.Truncate(first);

        Span<int> positions = stackalloc int[starts.Length];
        Span<int> ends = stackalloc int[starts.Length];
        for (var run = 0; run < starts.Length; run++)
        {
            positions[run] = starts[run] - first;
            ends[run] = run + 1 < starts.Length ? starts[run + 1] - first : source.Count;
        }

        var timestampsMs = source.TimestampsMs;
        var previous = -1;
        while (Pick(timestampsMs, positions, ends, ranks, out var limitMs) is >= 0 and var run)
        {
            var start = positions[run];
            var end = start + 1;
            while (end < ends[run] && timestampsMs[end] < limitMs) end++;
            columns.Add(source, start, end - start);
            if (run != previous && previous >= 0) columns.ForgetCounterReset(columns.Count - (end - start));
            previous = run;
            Skip(timestampsMs, positions, ends, timestampsMs[end - 1]);
        }

        _scratches.Add(source);
    }

    // The run of the oldest sample, and from when on another one may be older.
    private static int Pick(
        ReadOnlySpan<long> timestampsMs,
        ReadOnlySpan<int> positions,
        ReadOnlySpan<int> ends,
        ReadOnlySpan<int> ranks,
        out long limitMs)
    {
        var best = -1;
        limitMs = long.MaxValue;
        for (var run = 0; run < positions.Length; run++)
        {
            if (positions[run] == ends[run]) continue;
            var timeMs = timestampsMs[positions[run]];
            if (best < 0)
            {
                best = run;
                continue;
            }

            var bestMs = timestampsMs[positions[best]];
            if (timeMs < bestMs || (timeMs == bestMs && ranks[run] < ranks[best]))
            {
                limitMs = Math.Min(limitMs, bestMs);
                best = run;
            }
            else
            {
                limitMs = Math.Min(limitMs, timeMs);
            }
        }

        return best;
    }

    private static void Skip(
        ReadOnlySpan<long> timestampsMs, Span<int> positions, ReadOnlySpan<int> ends, long lastMs)
    {
        for (var run = 0; run < positions.Length; run++)
        {
            while (positions[run] < ends[run] && timestampsMs[positions[run]] <= lastMs) positions[run]++;
        }
    }
}
