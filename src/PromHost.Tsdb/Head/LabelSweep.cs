namespace PromHost.Tsdb;

/// <summary>
/// Cleans up a <see cref="LabelIndex"/> after series were removed: pairs and names that no series has are unlinked,
/// postings and lists of pairs copied without what is gone. For the index's writer, a part at a time.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>Each pair of a removed series is looked at. One without series is taken out of the hash table.</item>
/// <item>The lists of the names that lost pairs are copied without these. A name without pairs is taken out of the hash
/// table as well.</item>
/// <item>The owner frees what was unlinked, when all readers have left who may have it from a list or a table.</item>
/// </list>
/// Series may be created between the parts: a pair or a name that is wanted again is found and kept when it is not
/// unlinked yet, and else made anew.
/// </remarks>
internal sealed class LabelSweep(LabelIndex index)
{
    private readonly List<int> _pairs = [];
    private readonly HashSet<int> _names = [];
    private readonly List<int> _unlinkedPairs = [];
    private readonly List<int> _unlinkedNames = [];

    // A bit per pair: is it in the list already?
    private ulong[] _isListed = [];

    /// <summary>A series of a pair was removed.</summary>
    public void Add(int pair)
    {
        var word = pair >> 6;
        if (word >= _isListed.Length) Array.Resize(ref _isListed, Math.Max(word + 1, _isListed.Length * 2));
        var bit = 1UL << pair;
        if ((_isListed[word] & bit) != 0) return;
        _isListed[word] |= bit;
        _pairs.Add(pair);
    }

    /// <summary>Does a part of the work.</summary>
    /// <param name="budget">How much, in entries of lists and tables that are looked at.</param>
    /// <returns>False when all is done; <see cref="TakeUnlinked"/> follows.</returns>
    public bool Run(int budget)
    {
        while (budget > 0)
        {
            if (_pairs.Count > 0) budget -= SweepPair();
            else if (_names.Count > 0) budget -= SweepName();
            else return false;
        }

        return _pairs.Count + _names.Count > 0;
    }

    /// <summary>What was unlinked since the last call, to be freed when nobody reads it any more.</summary>
    public (int[] Pairs, int[] Names) TakeUnlinked()
    {
        (int[] Pairs, int[] Names) unlinked = ([.. _unlinkedPairs], [.. _unlinkedNames]);
        _unlinkedPairs.Clear();
        _unlinkedNames.Clear();
        // A crowd has gone: what it needed is not kept.
        _pairs.TrimExcess();
        _unlinkedPairs.TrimExcess();
        _names.TrimExcess();
        _isListed = [];
        return unlinked;
    }

    private int SweepPair()
    {
        const int PairCost = 8;
        var pair = _pairs[^1];
        _pairs.RemoveAt(_pairs.Count - 1);
        _isListed[pair >> 6] &= ~(1UL << pair);
        var size = index.Postings(pair).Length;
        if (!index.Sweep(pair)) return PairCost + size;
        _unlinkedPairs.Add(pair);
        _names.Add(index.NameNumberOf(pair));
        return PairCost;
    }

    private int SweepName()
    {
        const int NameCost = 32;
        var name = _names.First();
        _names.Remove(name);
        var size = index.Name(name).Pairs.Length;
        if (index.SweepName(name)) _unlinkedNames.Add(name);
        return NameCost + size;
    }
}
