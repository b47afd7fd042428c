using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The series of several selections from one view, each in the order of its labels and each series once.
/// </summary>
/// <param name="sets">The selections; disposed with this one.</param>
internal sealed class UnitedSeriesSet(SeriesSet[] sets) : SeriesSet
{
    private readonly SeriesEntry[] _next = new SeriesEntry[sets.Length];
    private readonly bool[] _isPeeked = new bool[sets.Length];
    private readonly bool[] _isDone = new bool[sets.Length];

    /// <inheritdoc/>
    public override int CountEstimate => sets.Sum(set => set.CountEstimate);

    /// <inheritdoc/>
    public override int ReadNext(Span<SeriesEntry> batch)
    {
        var filled = 0;
        while (filled < batch.Length)
        {
            var first = -1;
            for (var i = 0; i < sets.Length; i++)
            {
                if (Peek(i) && (first < 0 || _next[i].Labels.CompareTo(_next[first].Labels) < 0)) first = i;
            }

            if (first < 0) break;
            var entry = _next[first];
            // The same series of another selection has the same samples.
            for (var i = 0; i < sets.Length; i++)
            {
                if (_isPeeked[i] && _next[i].Labels == entry.Labels) _isPeeked[i] = false;
            }

            batch[filled++] = entry with { Source = new Origin(sets[first], entry.Source) };
        }

        return filled;
    }

    /// <inheritdoc/>
    public override void ReadSamples(in SeriesEntry series, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        var origin = (Origin)series.Source!;
        origin.Set.ReadSamples(series with { Source = origin.Source }, minTimeMs, maxTimeMs, columns);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var set in sets) set.Dispose();
        base.Dispose(disposing);
    }

    private bool Peek(int set)
    {
        if (_isPeeked[set] || _isDone[set]) return _isPeeked[set];
        _isPeeked[set] = sets[set].ReadNext(_next.AsSpan(set, 1)) > 0;
        _isDone[set] = !_isPeeked[set];
        return _isPeeked[set];
    }

    private sealed record Origin(SeriesSet Set, object? Source);
}
