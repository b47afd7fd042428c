using System.Text;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>A view of a block. Whoever holds it is inside an epoch.</summary>
internal sealed class BlockQuerier : IQuerier
{
    private readonly Block _block;
    private readonly Tombstones _tombstones;

    /// <summary>Opens the view.</summary>
    public BlockQuerier(Block block)
    {
        _block = block;
        _tombstones = block.Tombstones;
    }

    /// <summary>The block.</summary>
    public Block Block => _block;

    /// <inheritdoc/>
    public SeriesSet Select(in SelectHints hints, IReadOnlyList<LabelMatcher> matchers) => new BlockSeriesSet(
        _block, _tombstones, Find(matchers, hints.Watch), new TimeInterval(hints.StartMs, hints.EndMs));

    /// <inheritdoc/>
    public IReadOnlyList<string> LabelValues(string name, IReadOnlyList<LabelMatcher> matchers, int limit = 0)
    {
        try
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            if (!_block.Index.Postings.TryFindName(utf8, out var found)) return [];
            return matchers.All(matcher => string.Equals(matcher.Name, name, StringComparison.Ordinal))
                ? ValuesOf(found, matchers, limit)
                : ValuesOf(utf8, Find(matchers), limit);
        }
        catch (CorruptDataException error)
        {
            throw _block.Unreadable(error);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> LabelNames(IReadOnlyList<LabelMatcher> matchers, int limit = 0)
    {
        try
        {
            var index = _block.Index;
            if (matchers.Count == 0)
                return Take(index.Postings.Names.Select(name => Encoding.UTF8.GetString(name.Utf8)), limit);
            var names = new HashSet<uint>();
            foreach (var series in Find(matchers)) index.AddNames(series, names);
            return Texts(names, limit);
        }
        catch (CorruptDataException error)
        {
            throw _block.Unreadable(error);
        }
    }

    /// <summary>The series that match, ascending; nobody changes them.</summary>
    /// <param name="matchers">Conditions, all of which hold.</param>
    /// <param name="watch">When to give up, and where to tell of the cache.</param>
    /// <exception cref="StorageReadException">The index is damaged.</exception>
    public uint[] Find(IReadOnlyList<LabelMatcher> matchers, ReadWatch? watch = null)
    {
        _block.Cache.Touch();
        var key = string.Join(',', matchers);
        var isKnown = _block.Cache.TryGetPostings(key, out var series);
        watch?.CountLookup(isKnown);
        if (isKnown) return series!;
        try
        {
            series = BlockMatcherPostings.Find(_block.Index, matchers, watch);
        }
        catch (CorruptDataException error)
        {
            throw _block.Unreadable(error);
        }

        watch?.Hold(series.Length * (long)sizeof(uint));
        _block.Cache.AddPostings(key, series);
        return series;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static List<string> Take(IEnumerable<string> texts, int limit) =>
        [.. texts.Take(limit > 0 ? limit : int.MaxValue)];

    private List<string> ValuesOf(IndexLabelName name, IReadOnlyList<LabelMatcher> matchers, int limit)
    {
        var texts = new List<string>();
        var values = _block.Index.Postings.Values(name);
        while (values.MoveNext())
        {
            if (!AllMatch(matchers, values.Value)) continue;
            texts.Add(Encoding.UTF8.GetString(values.Value));
            if (texts.Count == limit) break;
        }

        return texts;
    }

    private static bool AllMatch(IReadOnlyList<LabelMatcher> matchers, ReadOnlySpan<byte> value)
    {
        foreach (var matcher in matchers)
        {
            if (!matcher.Matches(value)) return false;
        }

        return true;
    }

    private List<string> ValuesOf(ReadOnlySpan<byte> name, uint[] series, int limit)
    {
        if (!_block.Index.Symbols.TryFind(name, out var number)) return [];
        var values = new HashSet<uint>();
        foreach (var entry in series)
        {
            if (_block.Index.TryFindValue(entry, number, out var value)) values.Add(value);
        }

        return Texts(values, limit);
    }

    // The symbols ascend by their bytes.
    private List<string> Texts(HashSet<uint> symbols, int limit) =>
        Take(symbols.Order().Select(symbol => Encoding.UTF8.GetString(_block.Index.Symbols.Get(symbol))), limit);
}
