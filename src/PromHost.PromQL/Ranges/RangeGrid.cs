// Hot path: slides the window of every range function.
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>The windows of a range function over the steps of a grid.</summary>
/// <param name="Grid">The steps.</param>
/// <param name="Times">Where each window ends.</param>
/// <param name="RangeMs">The length of a range, which is open at its old end.</param>
/// <param name="BeforeMs">How far a window reaches beyond the old end of its range.</param>
/// <param name="AfterMs">How far a window reaches beyond the new end of its range.</param>
internal readonly record struct RangeGrid(
    StepGrid Grid, SelectorTimes Times, long RangeMs, long BeforeMs = 0, long AfterMs = 0)
{
    private const long SamplesBetweenChecks = 1 << 18;
    private const int StepsPerWord = 64;

    /// <summary>The first timestamp that lies in any window.</summary>
    public long MinTimeMs => Times.At(Grid.StartMs) - RangeMs - BeforeMs + 1;

    /// <summary>The last timestamp that lies in any window.</summary>
    public long MaxTimeMs => Times.At(Grid.TimeMs(Grid.Count - 1)) + AfterMs;

    /// <summary>Evaluates all windows of one series.</summary>
    /// <param name="kernel">What is computed.</param>
    /// <param name="timestampsMs">The samples' timestamps, ascending.</param>
    /// <param name="values">The samples' values, without staleness markers.</param>
    /// <param name="row">Cleared; filled.</param>
    /// <param name="cancellation">Asked now and then: one series with long windows can take minutes.</param>
    /// <returns>What upstream's statistics count.</returns>
    public RangeCounts Evaluate<TKernel>(ref TKernel kernel, ReadOnlySpan<long> timestampsMs,
        ReadOnlySpan<double> values, SeriesRow row, CancellationToken cancellation)
        where TKernel : struct, IRangeKernel
    {
        if (timestampsMs.IsEmpty) return default;
        kernel.Begin(new RangeWindow { TimestampsMs = timestampsMs, Values = values, Cancellation = cancellation });
        return Times.IsFixed
            ? EvaluateFixed(ref kernel, timestampsMs, values, row, cancellation)
            : EvaluateSliding(ref kernel, timestampsMs, values, row, cancellation);
    }

    // A word of the row's presence at a time: first where the windows lie, then what they are worth.
    private RangeCounts EvaluateSliding<TKernel>(ref TKernel kernel, ReadOnlySpan<long> times,
        ReadOnlySpan<double> values, SeriesRow row, CancellationToken cancellation)
        where TKernel : struct, IRangeKernel
    {
        Span<int> firsts = stackalloc int[StepsPerWord];
        Span<int> ends = stackalloc int[StepsPerWord];
        var isRegular = RegularTimes.TryFind(times, Grid.StepMs, out var regular);
        var first = new TimeCursor(times);
        var end = new TimeCursor(times);
        var counts = default(WindowCounts);
        var checkAt = SamplesBetweenChecks;
        for (var word = 0; word < row.Presence.Length; word++)
        {
            var step = word * StepsPerWord;
            var count = Math.Min(StepsPerWord, row.StepCount - step);
            var endMs = Times.At(Grid.TimeMs(step));
            var areAlike = false;
            if (isRegular)
            {
                areAlike = new RegularWindows(regular, Grid.StepMs / regular.DistanceMs).Place(
                    endMs - RangeMs - BeforeMs, endMs + AfterMs, firsts, ends, count);
            }
            else
            {
                for (var i = 0; i < count; i++, endMs += Grid.StepMs)
                {
                    ends[i] = end.MoveTo(endMs + AfterMs);
                    firsts[i] = first.MoveTo(endMs - RangeMs - BeforeMs);
                }
            }

            counts.Add(firsts[..count], ends[..count], areAlike);
            var windows = new WindowBlock
            {
                TimestampsMs = times,
                Values = values,
                Firsts = firsts[..count],
                Ends = ends[..count],
                Step = step,
                TimeMs = Grid.TimeMs(step),
                EndMs = Times.At(Grid.TimeMs(step)),
                StepMs = Grid.StepMs,
                AreAlike = areAlike,
            };
            row.Presence[word] = Compute(ref kernel, windows, row.Values.Slice(step, count), cancellation);
            if (counts.Total < checkAt) continue;
            cancellation.ThrowIfCancellationRequested();
            checkAt = counts.Total + SamplesBetweenChecks;
        }

        return counts.Sum;
    }

    // Answers which steps have a point.
    private ulong Compute<TKernel>(
        ref TKernel kernel, in WindowBlock windows, Span<double> points, CancellationToken cancellation)
        where TKernel : struct, IRangeKernel
    {
        var areLong = (long)(windows.Ends[^1] - windows.Firsts[^1]) * StepsPerWord > SamplesBetweenChecks;
        var presence = 0UL;
        var i = 0;
        if (TKernel.ComputesAlike && windows.AreAlike && windows.Ends[0] - windows.Firsts[0] >= TKernel.MinLaneSamples)
        {
            i = kernel.ComputeAlike(windows, points);
            presence = i == StepsPerWord ? ulong.MaxValue : (1UL << i) - 1;
        }

        if (TKernel.MinLaneSamples != int.MaxValue)
        {
            for (; i + WindowBlock.Lanes <= points.Length; i += WindowBlock.Lanes)
            {
                if (areLong) cancellation.ThrowIfCancellationRequested();
                if (windows.LanesHave(i, TKernel.MinLaneSamples, TKernel.LanesHaveSameCount) &&
                    kernel.TryComputeLanes(windows, i, out var results))
                {
                    results.CopyTo(points[i..]);
                    presence |= 0xfUL << i;
                    continue;
                }

                for (var k = i; k < i + WindowBlock.Lanes; k++) presence |= ComputeOne(ref kernel, windows, k, points);
            }
        }

        for (; i < points.Length; i++)
        {
            if (areLong) cancellation.ThrowIfCancellationRequested();
            presence |= ComputeOne(ref kernel, windows, i, points);
        }

        return presence;
    }

    private ulong ComputeOne<TKernel>(ref TKernel kernel, in WindowBlock windows, int index, Span<double> points)
        where TKernel : struct, IRangeKernel
    {
        var first = windows.Firsts[index];
        var end = windows.Ends[index];
        if (first == end) return 0;
        var endMs = windows.EndMs + (index * windows.StepMs);
        var window = new RangeWindow
        {
            TimestampsMs = windows.TimestampsMs,
            Values = windows.Values,
            First = first,
            End = end,
            StartMs = endMs - RangeMs,
            EndMs = endMs,
            Step = windows.Step + index,
            TimeMs = windows.TimeMs + (index * windows.StepMs),
        };
        if (!kernel.TryCompute(window, out points[index])) return 0;
        return 1UL << index;
    }

    private RangeCounts EvaluateFixed<TKernel>(ref TKernel kernel, ReadOnlySpan<long> times,
        ReadOnlySpan<double> values, SeriesRow row, CancellationToken cancellation)
        where TKernel : struct, IRangeKernel
    {
        var walk = new WindowWalk(this, times);
        walk.MoveTo(0);
        var (first, end, endMs) = (walk.First, walk.End, walk.EndMs);
        if (first == end) return default;
        var stepsBetweenChecks = (int)Math.Max(1, SamplesBetweenChecks / (end - first));
        for (var step = 0; step < row.StepCount; step++)
        {
            if (step % stepsBetweenChecks == 0) cancellation.ThrowIfCancellationRequested();
            var window = new RangeWindow
            {
                TimestampsMs = times,
                Values = values,
                First = first,
                End = end,
                StartMs = endMs - RangeMs,
                EndMs = endMs,
                Step = step,
                TimeMs = Grid.TimeMs(step),
            };
            if (kernel.TryCompute(window, out var value)) row.Set(step, value);
        }

        return new RangeCounts((long)(end - first) * row.StepCount, end - first, end - first);
    }
}
