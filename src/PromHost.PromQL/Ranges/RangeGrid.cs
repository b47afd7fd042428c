// Hot path: slides the window of every range function.
using System.Runtime.CompilerServices;

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
        kernel.Begin(new RangeWindow { TimestampsMs = timestampsMs, Values = values });
        return Times.IsFixed
            ? EvaluateFixed(ref kernel, timestampsMs, values, row)
            : EvaluateSliding(ref kernel, timestampsMs, values, row, cancellation);
    }

    private RangeCounts EvaluateSliding<TKernel>(ref TKernel kernel, ReadOnlySpan<long> times,
        ReadOnlySpan<double> values, SeriesRow row, CancellationToken cancellation)
        where TKernel : struct, IRangeKernel
    {
        var group = default(LaneGroup);
        var firsts = new TimeCursor(times);
        var ends = new TimeCursor(times);
        int end = 0, largest = 0;
        long total = 0, read = 0, checkAt = SamplesBetweenChecks;
        var timeMs = Grid.StartMs;
        var endMs = Times.At(timeMs);
        for (var step = 0; step < row.StepCount; step++, timeMs += Grid.StepMs, endMs += Grid.StepMs)
        {
            var startMs = endMs - RangeMs;
            var known = end;
            end = ends.MoveTo(endMs + AfterMs);
            var first = firsts.MoveTo(startMs - BeforeMs);
            if (first == end) continue;
            total += end - first;
            read += end - Math.Max(first, known);
            if (end - first > largest) largest = end - first;
            if (total >= checkAt)
            {
                cancellation.ThrowIfCancellationRequested();
                checkAt = total + SamplesBetweenChecks;
            }

            if (end - first >= TKernel.MinLaneSamples)
            {
                if (!group.Takes(end - first)) ComputeEach(ref kernel, ref group, times, values, row);
                group.Add(first, end - first, step, timeMs);
                if (group.IsFull) ComputeGroup(ref kernel, ref group, times, values, row);
                continue;
            }

            Compute(ref kernel, times, values, first, end, step, row);
        }

        ComputeEach(ref kernel, ref group, times, values, row);
        return new RangeCounts(total, read, largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Compute<TKernel>(ref TKernel kernel, ReadOnlySpan<long> times, ReadOnlySpan<double> values,
        int first, int end, int step, SeriesRow row)
        where TKernel : struct, IRangeKernel
    {
        var timeMs = Grid.TimeMs(step);
        var endMs = Times.At(timeMs);
        var window = new RangeWindow
        {
            TimestampsMs = times,
            Values = values,
            First = first,
            End = end,
            StartMs = endMs - RangeMs,
            EndMs = endMs,
            Step = step,
            TimeMs = timeMs,
        };
        if (kernel.TryCompute(window, out var value)) row.Set(step, value);
    }

    private void ComputeGroup<TKernel>(ref TKernel kernel, ref LaneGroup group, ReadOnlySpan<long> times,
        ReadOnlySpan<double> values, SeriesRow row)
        where TKernel : struct, IRangeKernel
    {
        if (!kernel.TryComputeLanes(group.ToLanes(times, values), out var results))
        {
            ComputeEach(ref kernel, ref group, times, values, row);
            return;
        }

        for (var i = 0; i < LaneGroup.Size; i++) row.Set(group[i].Step, results[i]);
        group.Clear();
    }

    private void ComputeEach<TKernel>(ref TKernel kernel, ref LaneGroup group, ReadOnlySpan<long> times,
        ReadOnlySpan<double> values, SeriesRow row)
        where TKernel : struct, IRangeKernel
    {
        for (var i = 0; i < group.Length; i++)
        {
            var (first, step) = group[i];
            Compute(ref kernel, times, values, first, first + group.SampleCount, step, row);
        }

        group.Clear();
    }

    private RangeCounts EvaluateFixed<TKernel>(
        ref TKernel kernel, ReadOnlySpan<long> times, ReadOnlySpan<double> values, SeriesRow row)
        where TKernel : struct, IRangeKernel
    {
        var endMs = Times.At(0);
        int first = 0, end = 0;
        while (end < times.Length && times[end] <= endMs + AfterMs) end++;
        while (first < end && times[first] <= endMs - RangeMs - BeforeMs) first++;
        if (first == end) return default;
        for (var step = 0; step < row.StepCount; step++)
        {
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
