using System.Text;

namespace PromHost.Tsdb;

/// <summary>A label name and the pairs that begin with it. One thread at a time changes it; any thread reads.</summary>
internal sealed class LabelName(byte[] utf8)
{
    // How many pairs are listed, how often pairs have been taken out, then the pairs.
    private const int Header = 2;

    private int[] _pairs = new int[4];
    private int _version;
    private Sorting _sorting = new(-1, []);

    /// <summary>The name's bytes.</summary>
    public byte[] Utf8 { get; } = utf8;

    /// <summary>The name.</summary>
    public string Text { get; } = Encoding.UTF8.GetString(utf8);

    /// <summary>The pairs in the order in which they appeared.</summary>
    public ReadOnlySpan<int> Pairs
    {
        get
        {
            var pairs = Volatile.Read(ref _pairs);
            return pairs.AsSpan(Header, Volatile.Read(ref pairs[0]));
        }
    }

    /// <summary>What regular expressions matched of the values.</summary>
    public MatchedPairs Matched { get; } = new();

    /// <summary>
    /// The pairs, and a number that changes when pairs are taken out: while it is the same, pairs are only added, at
    /// the end.
    /// </summary>
    public ReadOnlySpan<int> PairsWithSweeps(out int sweeps)
    {
        var pairs = Volatile.Read(ref _pairs);
        sweeps = pairs[1];
        return pairs.AsSpan(Header, Volatile.Read(ref pairs[0]));
    }

    /// <summary>Bytes of the lists, about.</summary>
    public long SizeBytes =>
        ((long)(_pairs.Length + _sorting.Pairs.Length + Utf8.Length) * sizeof(int)) + Matched.SizeBytes;

    /// <summary>Adds a pair that was not there.</summary>
    public void Add(int pair)
    {
        var at = _pairs[0] + Header;
        if (at == _pairs.Length)
        {
            var grown = new int[at * 2];
            _pairs.CopyTo(grown, 0);
            Volatile.Write(ref _pairs, grown);
        }

        _pairs[at] = pair;
        Volatile.Write(ref _pairs[0], at + 1 - Header);
        Volatile.Write(ref _version, _version + 1);
    }

    /// <summary>Leaves out the pairs that are unlinked.</summary>
    /// <returns>False when no pair is left.</returns>
    public bool Sweep(LabelIndex index)
    {
        var kept = new int[Pairs.Length + Header + 1];
        var count = 0;
        foreach (var pair in Pairs)
        {
            if (!index.IsUnlinked(pair)) kept[Header + count++] = pair;
        }

        kept[0] = count;
        kept[1] = _pairs[1] + 1;
        // Room for a few more, as in a list that has grown.
        Array.Resize(ref kept, Math.Min(kept.Length, Header + count + (count >> 2) + 1));
        Matched.Clear();
        Volatile.Write(ref _pairs, kept);
        Volatile.Write(ref _version, _version + 1);
        return count > 0;
    }

    /// <summary>The pairs ascending by the bytes of their values; kept until the pairs change.</summary>
    public ReadOnlySpan<int> SortedPairs(LabelIndex index)
    {
        // Read before the pairs: what is sorted here is never newer than its version says.
        var version = Volatile.Read(ref _version);
        var sorting = Volatile.Read(ref _sorting);
        if (sorting.Version == version) return sorting.Pairs;
        var sorted = Pairs.ToArray();
        Array.Sort(sorted, (a, b) => index.ValueOf(a).SequenceCompareTo(index.ValueOf(b)));
        Volatile.Write(ref _sorting, new Sorting(version, sorted));
        return sorted;
    }

    private sealed record Sorting(int Version, int[] Pairs);
}
