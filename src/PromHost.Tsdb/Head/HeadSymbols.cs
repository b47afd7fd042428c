namespace PromHost.Tsdb;

/// <summary>
/// The names and values of some series of the head in the order of their bytes, and the rank of
/// each label pair in the order of names and values, by which series are compared without looking at bytes.
/// </summary>
internal sealed class HeadSymbols
{
    private readonly LabelIndex _index;
    private readonly int[] _names;
    private readonly int[] _pairsByValue;

    // By pair; 0 for one that is not asked for.
    private readonly int[] _ranks;

    private HeadSymbols(LabelIndex index, int[] names, int[] pairsByValue, int[] ranks)
    {
        _index = index;
        _names = names;
        _pairsByValue = pairsByValue;
        _ranks = ranks;
    }

    /// <summary>Sorts the names and values of series.</summary>
    /// <param name="table">Who knows them.</param>
    /// <param name="index">Names and pairs.</param>
    /// <param name="series">The series; all their pairs are ranked.</param>
    public static HeadSymbols Of(SeriesTable table, LabelIndex index, ReadOnlySpan<int> series)
    {
        // After the series were found, so that it covers all their pairs.
        var limit = index.PairLimit;
        var isUsed = new bool[limit];
        foreach (var number in series)
        {
            foreach (var pair in table.PairsOf(number)) isUsed[pair] = true;
        }

        var pairsByValue = Enumerable.Range(0, limit).Where(pair => isUsed[pair]).ToArray();
        Array.Sort(pairsByValue, (a, b) => index.ValueOf(a).SequenceCompareTo(index.ValueOf(b)));
        var names = pairsByValue.Select(index.NameNumberOf).Distinct().ToArray();
        Array.Sort(names, (a, b) => index.Name(a).Utf8.AsSpan().SequenceCompareTo(index.Name(b).Utf8));
        return new HeadSymbols(index, names, pairsByValue, Rank(index, names, pairsByValue, limit));
    }

    /// <summary>All names and values, ascending, each once.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Sorted
    {
        get
        {
            // No name and no value is empty.
            ReadOnlyMemory<byte> last = default;
            foreach (var symbol in Merged())
            {
                if (Compare(last, symbol) == 0) continue;
                last = symbol;
                yield return symbol;
            }
        }
    }

    /// <summary>
    /// The place of a label pair in the order of names and values, from 1 on; 0 for a pair that none of the series has.
    /// </summary>
    public int RankOf(int pair) => _ranks[pair];

    /// <summary>Orders label pairs of two series as <see cref="Model.Labels.CompareTo"/> orders their labels.</summary>
    public int Compare(ReadOnlySpan<int> left, ReadOnlySpan<int> right)
    {
        var i = left.CommonPrefixLength(right);
        return i < left.Length && i < right.Length
            ? _ranks[left[i]].CompareTo(_ranks[right[i]])
            : left.Length.CompareTo(right.Length);
    }

    // The pairs are in the order of their values: dealt out to their names they are in the order of both.
    private static int[] Rank(LabelIndex index, int[] names, int[] pairsByValue, int limit)
    {
        var counts = new Dictionary<int, int>(names.Length);
        foreach (var pair in pairsByValue)
        {
            var name = index.NameNumberOf(pair);
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        var next = new Dictionary<int, int>(names.Length);
        var start = 1;
        foreach (var name in names)
        {
            next[name] = start;
            start += counts[name];
        }

        var ranks = new int[limit];
        foreach (var pair in pairsByValue) ranks[pair] = next[index.NameNumberOf(pair)]++;
        return ranks;
    }

    private static int Compare(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right) =>
        left.Span.SequenceCompareTo(right.Span);

    // Values that several names have come once for each.
    private IEnumerable<ReadOnlyMemory<byte>> Merged()
    {
        var name = 0;
        foreach (var pair in _pairsByValue)
        {
            // For those who keep it longer than a span: one at a time, never all.
            ReadOnlyMemory<byte> value = _index.ValueOf(pair).ToArray();
            while (name < _names.Length && Compare(NameBytes(name), value) < 0) yield return NameBytes(name++);
            yield return value;
        }

        while (name < _names.Length) yield return NameBytes(name++);
    }

    private ReadOnlyMemory<byte> NameBytes(int position) => _index.Name(_names[position]).Utf8;
}
