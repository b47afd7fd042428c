using System.Numerics;

namespace PromHost.PromQL;

/// <summary>
/// Counts samples as upstream's statistics do. Parts of a query that count differently have counts of their own, which
/// those around them include. Thread-safe, once all parts are made.
/// </summary>
internal sealed class QuerySampleCounts
{
    private readonly StepGrid _grid;
    private readonly ulong[]? _heeded; // steps at which it counts what is read; null for all
    private readonly long[]? _totals; // at each step, if that is asked for and there are several
    private readonly long[]? _reads;
    private readonly List<Part> _parts = [];
    private long _total;
    private long _read;

    /// <summary>Makes the counts of a query.</summary>
    /// <param name="grid">Its steps.</param>
    /// <param name="areKept">Are the counts of each step wanted?</param>
    public QuerySampleCounts(StepGrid grid, bool areKept)
        : this(grid, areKept, null)
    {
    }

    private QuerySampleCounts(StepGrid grid, bool areKept, ulong[]? heeded)
    {
        _grid = grid;
        _heeded = heeded;
        AreKept = areKept;
        if (!areKept || grid.Count == 1) return;
        _totals = new long[grid.Count];
        _reads = new long[grid.Count];
    }

    /// <summary>Are the counts of each step wanted?</summary>
    public bool AreKept { get; }

    /// <summary>Does it matter at which step a sample is counted?</summary>
    public bool AreByStep => _heeded is not null || _totals is not null;

    /// <summary>Samples that the evaluation looked at, again at every step.</summary>
    public long Total => Interlocked.Read(ref _total) + _parts.Sum(p => p.Counts.Total * p.Times);

    /// <summary>Samples that came from the storage, each once.</summary>
    public long Read => Interlocked.Read(ref _read) + _parts.Sum(p => p.Counts.Read);

    /// <summary>Makes the counts of what is evaluated once for all steps: its total counts at each of them.</summary>
    public QuerySampleCounts AddOnce()
    {
        var isHeeded = _heeded is null || PresenceBits.Has(_heeded, 0);
        return Add(StepGrid.Instant(_grid.StartMs), isHeeded ? null : [0], _grid.Count, null);
    }

    /// <summary>Makes the counts of a subquery that is the whole query.</summary>
    /// <param name="inner">Its steps.</param>
    public QuerySampleCounts AddRange(StepGrid inner) => Add(inner, null, 1, null);

    /// <summary>
    /// Makes the counts of a subquery whose points a function counts again: its total never counts, and what it reads
    /// only at steps that lie in a window of the function.
    /// </summary>
    /// <param name="inner">Its steps.</param>
    /// <param name="offsetMs">The offset as written.</param>
    /// <param name="rangeMs">The length of the windows.</param>
    public QuerySampleCounts AddSubquery(StepGrid inner, long offsetMs, long rangeMs)
    {
        var steps = new SubquerySteps(inner, _grid, offsetMs, rangeMs);
        return Add(inner, steps.Heeded(_heeded), 0, steps);
    }

    /// <summary>Adds to both.</summary>
    public void Add(long total, long read)
    {
        Interlocked.Add(ref _total, total);
        Interlocked.Add(ref _read, read);
    }

    /// <summary>Takes down the points of a row at their steps, where that matters.</summary>
    /// <returns>How many samples count as read.</returns>
    public long AtSteps(SeriesRow row)
    {
        var read = 0L;
        for (var word = 0; word < row.Presence.Length; word++)
        {
            for (var bits = row.Presence[word]; bits != 0; bits &= bits - 1)
            {
                var step = (word << 6) + BitOperations.TrailingZeroCount(bits);
                var weight = row.HistogramAt(step) is { } histogram ? SampleWeight.Of(histogram) : 1;
                read += AtStep(step, weight, weight);
            }
        }

        return read;
    }

    /// <summary>Takes down the samples of windows at their steps, where that matters.</summary>
    /// <param name="windows">The windows.</param>
    /// <param name="timesMs">The samples' times, ascending, without staleness markers.</param>
    /// <param name="samples">The same with their weights; null when each counts once.</param>
    /// <param name="areRead">Do they come from the storage?</param>
    /// <returns>How many samples count as read.</returns>
    public long AtWindows(in RangeGrid windows, ReadOnlySpan<long> timesMs, MixedSamples? samples, bool areRead)
    {
        var walk = new WindowWalk(windows, timesMs);
        var read = 0L;
        for (var step = 0; step < _grid.Count; step++)
        {
            var known = walk.End;
            walk.MoveTo(step);
            if (walk.First == walk.End) continue;
            // Of a window's samples those are read that the window before did not have.
            var fresh = areRead ? Math.Max(walk.First, known) : walk.End;
            read += samples is null
                ? AtStep(step, walk.End - walk.First, walk.End - fresh)
                : AtStep(step, samples.WeightBefore(walk.End) - samples.WeightBefore(walk.First),
                    samples.WeightBefore(walk.End) - samples.WeightBefore(fresh));
        }

        return read;
    }

    /// <summary>The counts of each step.</summary>
    public (long[] Totals, long[] Reads) ByStep()
    {
        var totals = new long[_grid.Count];
        var reads = new long[_grid.Count];
        if (_totals is null || _reads is null)
        {
            (totals[0], reads[0]) = (Total, Read);
            return (totals, reads);
        }

        _totals.CopyTo(totals.AsSpan());
        _reads.CopyTo(reads.AsSpan());
        foreach (var part in _parts)
        {
            if (part.Steps is { } steps)
            {
                steps.AddTo(reads, part.Counts.ByStep().Reads);
                continue;
            }

            reads[0] += part.Counts.Read;
            var total = part.Counts.Total;
            foreach (ref var sum in totals.AsSpan()) sum += total;
        }

        return (totals, reads);
    }

    private QuerySampleCounts Add(StepGrid grid, ulong[]? heeded, int times, SubquerySteps? steps)
    {
        var part = new QuerySampleCounts(grid, AreKept, heeded);
        _parts.Add(new Part(part, times, steps));
        return part;
    }

    private long AtStep(int step, long total, long read)
    {
        if (_totals is not null) Interlocked.Add(ref _totals[step], total);
        if (_heeded is not null && !PresenceBits.Has(_heeded, step)) return 0;
        if (_reads is not null) Interlocked.Add(ref _reads[step], read);
        return read;
    }

    private readonly record struct Part(QuerySampleCounts Counts, int Times, SubquerySteps? Steps);
}
