using System.Numerics;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// A set of series of a block that a matcher adds or takes away: a list as it lies in the index, or where lists are
/// united an ascending list or a bitmap.
/// </summary>
internal sealed class BlockPostingSource
{
    private readonly IndexPostingsTable _index;
    private readonly PostingsPlace _place;
    private readonly uint[]? _list;
    private readonly ulong[]? _bits;

    private BlockPostingSource(IndexPostingsTable index, PostingsPlace place, uint[]? list, ulong[]? bits, int count)
    {
        _index = index;
        _place = place;
        _list = list;
        _bits = bits;
        Count = count;
    }

    /// <summary>The number of series.</summary>
    public int Count { get; }

    /// <summary>All series of the block.</summary>
    /// <exception cref="CorruptDataException">Postings are damaged.</exception>
    public static BlockPostingSource All(IndexReader index)
    {
        var place = index.Postings.CheckAll();
        return new BlockPostingSource(index.Postings, place, null, null, place.Count);
    }

    /// <summary>The series of any of the lists, which are of values of one name: no series is in two of them.</summary>
    /// <param name="index">The index.</param>
    /// <param name="offsets">Where the lists are, as the table has it.</param>
    /// <exception cref="CorruptDataException">Postings are damaged.</exception>
    public static BlockPostingSource Unite(IndexReader index, ReadOnlySpan<ulong> offsets)
    {
        if (offsets.IsEmpty) return new BlockPostingSource(index.Postings, default, null, null, 0);
        var places = new PostingsPlace[offsets.Length];
        var total = 0L;
        for (var i = 0; i < offsets.Length; i++)
        {
            places[i] = index.Postings.Check(offsets[i]);
            total += places[i].Count;
        }

        if (places.Length == 1)
            return new BlockPostingSource(index.Postings, places[0], null, null, places[0].Count);
        return total > 256 && total > index.SeriesEnd / 1024
            ? UniteBits(index, places)
            : UniteList(index, places, (int)total);
    }

    /// <summary>The series as an ascending list of the caller's.</summary>
    public uint[] ToList()
    {
        if (_list is not null) return _list;
        var list = new uint[Count];
        if (_bits is null)
        {
            if (Count > 0) _index.Get(_place).CopyTo(list);
            return list;
        }

        var count = 0;
        for (var word = 0; word < _bits.Length; word++)
        {
            for (var rest = _bits[word]; rest != 0; rest &= rest - 1)
                list[count++] = ((uint)word << 6) + (uint)BitOperations.TrailingZeroCount(rest);
        }

        return list;
    }

    /// <summary>Keeps, of the ascending candidates, those in the set or those not in it; in place.</summary>
    /// <returns>How many are kept.</returns>
    public int Filter(Span<uint> candidates, bool keepMembers)
    {
        if (_bits is not null) return FilterByBits(candidates, keepMembers);
        if (_list is not null) return FilterByList(candidates, keepMembers);
        return Count > 0 ? FilterInPlace(candidates, keepMembers) : keepMembers ? 0 : candidates.Length;
    }

    private static BlockPostingSource UniteList(IndexReader index, PostingsPlace[] places, int total)
    {
        var list = new uint[total];
        var count = 0;
        foreach (var place in places)
        {
            index.Postings.Get(place).CopyTo(list.AsSpan(count));
            count += place.Count;
        }

        Array.Sort(list);
        return new BlockPostingSource(index.Postings, default, list, null, total);
    }

    private static BlockPostingSource UniteBits(IndexReader index, PostingsPlace[] places)
    {
        var bits = new ulong[(index.SeriesEnd >> 6) + 1];
        var count = 0;
        foreach (var place in places)
        {
            var postings = index.Postings.Get(place);
            for (var i = 0; i < postings.Count; i++)
            {
                var series = postings[i];
                if (series >= index.SeriesEnd)
                    throw index.Corrupt(series, "postings name a series outside of the file");
                bits[series >> 6] |= 1UL << (int)series;
            }
        }

        foreach (var word in bits) count += BitOperations.PopCount(word);
        return new BlockPostingSource(index.Postings, default, null, bits, count);
    }

    private int FilterInPlace(Span<uint> candidates, bool keepMembers)
    {
        var kept = 0;
        var position = 0;
        var postings = _index.Get(_place);
        var isSparse = (long)candidates.Length * 16 < postings.Count;
        foreach (var candidate in candidates)
        {
            if (isSparse) position = postings.LowerBound(position, candidate);
            else while (position < postings.Count && postings[position] < candidate) position++;
            var isMember = position < postings.Count && postings[position] == candidate;
            if (isMember == keepMembers) candidates[kept++] = candidate;
        }

        return kept;
    }

    private int FilterByList(Span<uint> candidates, bool keepMembers)
    {
        var kept = 0;
        var position = 0;
        var list = _list.AsSpan();
        foreach (var candidate in candidates)
        {
            while (position < list.Length && list[position] < candidate) position++;
            var isMember = position < list.Length && list[position] == candidate;
            if (isMember == keepMembers) candidates[kept++] = candidate;
        }

        return kept;
    }

    private int FilterByBits(Span<uint> candidates, bool keepMembers)
    {
        var kept = 0;
        foreach (var candidate in candidates)
        {
            var word = (int)(candidate >> 6);
            var isMember = word < _bits!.Length && ((_bits[word] >> (int)candidate) & 1) != 0;
            if (isMember == keepMembers) candidates[kept++] = candidate;
        }

        return kept;
    }
}
