using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>The series of several sources that are in the order of their labels, merged in that order.</summary>
internal sealed class SortedSeriesSet : JoinedSeriesSet
{
    private const int BatchLength = 64;

    private readonly SeriesSet[] _sets;
    private readonly Side[] _sides;

    /// <summary>Begins before the first series.</summary>
    /// <param name="sets">The sources, the oldest first; disposed with this one.</param>
    /// <param name="hasHead">Is the last one the head?</param>
    public SortedSeriesSet(SeriesSet[] sets, bool hasHead)
        : base(sets, hasHead)
    {
        _sets = sets;
        _sides = new Side[sets.Length];
        for (var i = 0; i < _sides.Length; i++) _sides[i] = new Side(sets[i]);
    }

    /// <inheritdoc/>
    public override int CountEstimate => _sets.Max(set => set.CountEstimate);

    /// <inheritdoc/>
    public override int ReadNext(Span<SeriesEntry> batch)
    {
        var filled = 0;
        while (filled < batch.Length && TryFindFirst(out var labels)) batch[filled++] = Take(labels);
        return filled;
    }

    private bool TryFindFirst(out Labels labels)
    {
        var found = false;
        labels = Labels.Empty;
        foreach (var side in _sides)
        {
            if (!side.TryPeek(out var entry) || (found && entry.Labels.CompareTo(labels) >= 0)) continue;
            labels = entry.Labels;
            found = true;
        }

        return found;
    }

    private SeriesEntry Take(Labels labels)
    {
        var first = -1;
        var last = -1;
        for (var i = 0; i < _sides.Length; i++)
        {
            if (!_sides[i].TryPeek(out var entry) || entry.Labels != labels) continue;
            _sides[i].MoveOn();
            last = last < 0 ? Parts.Add(i, entry.Handle) : Parts.Add(last, i, entry.Handle);
            if (first < 0) first = last;
        }

        return Parts.Entry(labels, first, this);
    }

    private sealed class Side(SeriesSet set)
    {
        private readonly SeriesEntry[] _batch = new SeriesEntry[BatchLength];
        private int _count = BatchLength;
        private int _next = BatchLength;

        public bool TryPeek(out SeriesEntry entry)
        {
            if (_next == _count && _count > 0)
            {
                _count = set.ReadNext(_batch);
                _next = 0;
            }

            entry = _next < _count ? _batch[_next] : default;
            return _next < _count;
        }

        public void MoveOn() => _next++;
    }
}
