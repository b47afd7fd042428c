using System.Text;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>A consistent view of the head.</summary>
internal sealed class HeadQuerier : IQuerier
{
    private readonly Head _head;
    private readonly HeadView _view;
    private readonly long _epoch;
    private readonly TimeInterval? _inOrder;
    private readonly TimeInterval? _outOfOrder;
    private readonly bool _isEmpty;
    private int _isDisposed;

    /// <summary>Opens the view.</summary>
    /// <param name="head">The head.</param>
    /// <param name="minTimeMs">First timestamp of interest, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp of interest, inclusive.</param>
    /// <param name="inOrderFromMs">Samples in order before it are in blocks.</param>
    /// <exception cref="StorageUnavailableException">The storage is closing.</exception>
    public HeadQuerier(Head head, long minTimeMs, long maxTimeMs, long inOrderFromMs = long.MinValue)
    {
        _head = head;
        _epoch = head.Epochs.Enter();
        // In this order: all series of the commits seen are below the limit then.
        _view = new HeadView(head, head.Isolation.OpenView(), minTimeMs, maxTimeMs) { InOrderFromMs = inOrderFromMs };
        _inOrder = Span(Math.Max(head.Appender.MinTimeMs, inOrderFromMs), head.Appender.MaxTimeMs);
        _outOfOrder = Span(head.OutOfOrder.MinTimeMs, head.OutOfOrder.MaxTimeMs);
        _isEmpty = !Overlaps(minTimeMs, maxTimeMs);
    }

    /// <summary>May the head have samples between two timestamps, both inclusive?</summary>
    public bool Overlaps(long minTimeMs, long maxTimeMs)
    {
        var range = new TimeInterval(minTimeMs, maxTimeMs);
        return _inOrder?.Overlaps(range) == true || _outOfOrder?.Overlaps(range) == true;
    }

    /// <summary>The numbers of the series that match; with or without samples in the view.</summary>
    public ReadOnlySpan<int> Find(IReadOnlyList<LabelMatcher> matchers)
    {
        if (_isEmpty) return [];
        var series = MatcherPostings.Find(_head, _view.MaxOrdinal, matchers, out var count);
        return series.AsSpan(0, count);
    }

    /// <inheritdoc/>
    public SeriesSet Select(in SelectHints hints, IReadOnlyList<LabelMatcher> matchers)
    {
        if (_isEmpty) return new HeadSeriesSet(_head, _view, [], 0);
        var series = MatcherPostings.Find(_head, _view.MaxOrdinal, matchers, out var count, hints.Watch);
        if (hints.SortedByLabels) series.AsSpan(0, count).Sort(_head.Table.Compare);
        return new HeadSeriesSet(_head, _view, series, count, hints.WithoutLabels);
    }

    /// <summary>The series that match, ascending by their numbers in the log.</summary>
    public SeriesSet SelectInLogOrder(IReadOnlyList<LabelMatcher> matchers)
    {
        if (_isEmpty) return new HeadSeriesSet(_head, _view, [], 0);
        var series = MatcherPostings.Find(_head, _view.MaxOrdinal, matchers, out var count);
        series.AsSpan(0, count).Sort(
            (a, b) => _head.Store.State(a).WalRef.CompareTo(_head.Store.State(b).WalRef));
        return new HeadSeriesSet(_head, _view, series, count);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> LabelValues(string name, IReadOnlyList<LabelMatcher> matchers, int limit = 0)
    {
        if (_isEmpty || !_head.Index.TryFindName(Encoding.UTF8.GetBytes(name), out var number)) return [];
        var values = new List<string>();
        if (matchers.Count > 0)
        {
            var series = MatcherPostings.Find(_head, _view.MaxOrdinal, matchers, out var count);
            var pairs = PairsOf(series.AsSpan(0, count), number);
            foreach (var pair in _head.Index.Name(number).SortedPairs(_head.Index))
            {
                if (pairs.Contains(pair) && !Add(values, pair, limit)) break;
            }

            return values;
        }

        foreach (var pair in _head.Index.Name(number).SortedPairs(_head.Index))
        {
            if (IsSeen(pair) && !Add(values, pair, limit)) break;
        }

        return values;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, int limit = 0)
    {
        if (_isEmpty) return [];
        var numbers = new HashSet<int>();
        if (matchers.Count > 0)
        {
            var series = MatcherPostings.Find(_head, _view.MaxOrdinal, matchers, out var count);
            foreach (var number in series.AsSpan(0, count))
            {
                if (!_view.HasSamples(number)) continue;
                foreach (var pair in _head.Table.PairsOf(number)) numbers.Add(_head.Index.NameNumberOf(pair));
            }
        }
        else
        {
            for (var number = 1; number < _head.Index.NameLimit; number++)
            {
                if (_head.Index.NameOrNull(number) is { } name && IsNameSeen(name)) numbers.Add(number);
            }
        }

        var names = numbers.Select(_head.Index.Name).ToList();
        names.Sort((a, b) => a.Utf8.AsSpan().SequenceCompareTo(b.Utf8));
        return [.. names.Select(name => name.Text).Take(limit > 0 ? limit : int.MaxValue)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        _head.Isolation.CloseView(_view.Commit);
        _head.Epochs.Leave(_epoch);
    }

    private static TimeInterval? Span(long minTimeMs, long maxTimeMs) =>
        minTimeMs <= maxTimeMs ? new TimeInterval(minTimeMs, maxTimeMs) : null;

    private bool Add(List<string> values, int pair, int limit)
    {
        values.Add(Encoding.UTF8.GetString(_head.Index.ValueOf(pair)));
        return limit <= 0 || values.Count < limit;
    }

    private HashSet<int> PairsOf(ReadOnlySpan<int> series, int name)
    {
        var found = new HashSet<int>();
        foreach (var number in series)
        {
            if (!_view.HasSamples(number)) continue;
            foreach (var pair in _head.Table.PairsOf(number))
            {
                if (_head.Index.NameNumberOf(pair) == name) found.Add(pair);
            }
        }

        return found;
    }

    // Almost always the first series decides.
    private bool IsSeen(int pair)
    {
        foreach (var ordinal in PostingSource.Cut(_head.Index.Postings(pair), _view.MaxOrdinal))
        {
            var series = _head.Index.Ordinals.SeriesOf(ordinal);
            if (series != 0 && _view.HasSamples(series)) return true;
        }

        return false;
    }

    private bool IsNameSeen(LabelName name)
    {
        foreach (var pair in name.Pairs)
        {
            if (IsSeen(pair)) return true;
        }

        return false;
    }
}
