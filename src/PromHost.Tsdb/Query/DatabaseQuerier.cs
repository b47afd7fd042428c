using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// A consistent view of the head and of all blocks that overlap a range of time, as one (Prometheus:
/// <c>DB.Querier</c>). It stays in an epoch, so that nothing it sees is freed.
/// </summary>
internal sealed class DatabaseQuerier : IQuerier
{
    private readonly Epochs _epochs;
    private readonly long _epoch;
    private readonly HeadQuerier _head;
    private readonly BlockQuerier[] _blocks;
    private int _isDisposed;

    /// <summary>Opens the view.</summary>
    /// <param name="head">The head.</param>
    /// <param name="blocks">The blocks.</param>
    /// <param name="minTimeMs">First timestamp of interest, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp of interest, inclusive.</param>
    /// <exception cref="StorageUnavailableException">The storage is closing.</exception>
    public DatabaseQuerier(Head head, BlockSet blocks, long minTimeMs, long maxTimeMs)
    {
        _epochs = head.Epochs;
        // First: what is taken out of the view from now on is kept.
        _epoch = _epochs.Enter();
        try
        {
            var view = blocks.Current;
            _blocks = [.. view.Blocks.Where(block => block.Overlaps(minTimeMs, maxTimeMs))
                .Select(block => new BlockQuerier(block))];
            _head = new HeadQuerier(head, minTimeMs, maxTimeMs, view.HeadMinTimeMs);
        }
        catch
        {
            _epochs.Leave(_epoch);
            throw;
        }
    }

    /// <inheritdoc/>
    public SeriesSet Select(in SelectHints hints, IReadOnlyList<LabelMatcher> matchers)
    {
        var sets = new List<SeriesSet>();
        try
        {
            foreach (var block in _blocks)
            {
                if (block.Block.Overlaps(hints.StartMs, hints.EndMs)) sets.Add(block.Select(hints, matchers));
            }

            var hasHead = _head.Overlaps(hints.StartMs, hints.EndMs);
            // Series of several sets are known by their labels.
            var headHints = sets.Count == 0 ? hints : hints with { WithoutLabels = false };
            if (hasHead) sets.Add(_head.Select(headHints, matchers));
            return sets.Count switch
            {
                0 => new EmptySeriesSet(),
                1 => sets[0],
                _ when hints.SortedByLabels => new SortedSeriesSet([.. sets], hasHead),
                _ => new HashedSeriesSet([.. sets], hasHead, hints.Watch),
            };
        }
        catch
        {
            foreach (var set in sets) set.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> LabelValues(string name, IReadOnlyList<LabelMatcher> matchers, int limit = 0) =>
        Unite([.. All().Select(querier => querier.LabelValues(name, matchers, limit))], limit);

    /// <inheritdoc/>
    public IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, int limit = 0) =>
        Unite([.. All().Select(querier => querier.LabelNames(matchers, limit))], limit);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        _head.Dispose();
        _epochs.Leave(_epoch);
    }

    // Each list ascends and has the limit, so what comes first in all of them is there.
    private static IReadOnlyList<string> Unite(List<IReadOnlyList<string>> lists, int limit)
    {
        lists.RemoveAll(list => list.Count == 0);
        if (lists.Count == 0) return [];
        if (lists.Count == 1) return lists[0];
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in lists) texts.UnionWith(list);
        return [.. texts.Order(Utf8Order.Instance).Take(limit > 0 ? limit : int.MaxValue)];
    }

    private IEnumerable<IQuerier> All() => _blocks.Append<IQuerier>(_head);
}
