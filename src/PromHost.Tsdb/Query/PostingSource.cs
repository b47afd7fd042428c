using System.Numerics;

namespace PromHost.Tsdb;

/// <summary>
/// A set of series, by their ordinals, that a matcher adds or takes away: an ascending list, or a bitmap where many
/// lists are united. Some of the series may be gone.
/// </summary>
internal sealed class PostingSource
{
    private readonly int[] _list;
    private readonly ulong[]? _bits;

    private PostingSource(int[] list, int count, ulong[]? bits)
    {
        _list = list;
        _bits = bits;
        Count = count;
    }

    /// <summary>The number of series.</summary>
    public int Count { get; }

    /// <summary>The series of any of the pairs, which are of one name: no series is in two of them.</summary>
    /// <param name="index">The postings.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="maxOrdinal">Series with higher ordinals are left out.</param>
    public static PostingSource Unite(LabelIndex index, ReadOnlySpan<int> pairs, int maxOrdinal)
    {
        var total = 0;
        foreach (var pair in pairs) total += Cut(index.Postings(pair), maxOrdinal).Length;
        if (pairs.Length > 1 && total > 256 && total > maxOrdinal / 64) return UniteBits(index, pairs, maxOrdinal);

        var list = new int[total];
        var count = 0;
        foreach (var pair in pairs)
        {
            // A list may have grown since it was counted, but not below the limit.
            var postings = Cut(index.Postings(pair), maxOrdinal);
            postings.CopyTo(list.AsSpan(count));
            count += postings.Length;
        }

        if (pairs.Length > 1) Array.Sort(list, 0, count);
        return new PostingSource(list, count, null);
    }

    /// <summary>The series as an ascending list of the caller's.</summary>
    public int[] ToList()
    {
        if (_bits is null) return _list;
        var list = new int[Count];
        var count = 0;
        for (var word = 0; word < _bits.Length; word++)
        {
            for (var rest = _bits[word]; rest != 0; rest &= rest - 1)
                list[count++] = (word << 6) + BitOperations.TrailingZeroCount(rest);
        }

        return list;
    }

    /// <summary>Keeps, of the ascending candidates, those in the set or those not in it; in place.</summary>
    /// <returns>How many are kept.</returns>
    public int Filter(Span<int> candidates, bool keepMembers)
    {
        if (_bits is not null) return FilterByBits(candidates, keepMembers);
        var kept = 0;
        var position = 0;
        var list = _list.AsSpan(0, Count);
        var isSparse = (long)candidates.Length * 16 < list.Length;
        foreach (var candidate in candidates)
        {
            if (isSparse) position += LowerBound(list[position..], candidate);
            else while (position < list.Length && list[position] < candidate) position++;
            var isMember = position < list.Length && list[position] == candidate;
            if (isMember == keepMembers) candidates[kept++] = candidate;
        }

        return kept;
    }

    /// <summary>The part of an ascending list that is not above a limit.</summary>
    public static ReadOnlySpan<int> Cut(ReadOnlySpan<int> list, int maxOrdinal) =>
        list.IsEmpty || list[^1] <= maxOrdinal ? list : list[..LowerBound(list, maxOrdinal + 1)];

    private static PostingSource UniteBits(LabelIndex index, ReadOnlySpan<int> pairs, int maxOrdinal)
    {
        var bits = new ulong[(maxOrdinal >> 6) + 1];
        var count = 0;
        foreach (var pair in pairs)
        {
            var postings = Cut(index.Postings(pair), maxOrdinal);
            count += postings.Length;
            foreach (var series in postings) bits[series >> 6] |= 1UL << series;
        }

        return new PostingSource([], count, bits);
    }

    // The first index whose element is not below the value: doubling steps, then halving.
    private static int LowerBound(ReadOnlySpan<int> list, int value)
    {
        var step = 1;
        while (step <= list.Length && list[step - 1] < value) step <<= 1;
        var low = step >> 1;
        var high = Math.Min(step, list.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (list[middle] < value) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private int FilterByBits(Span<int> candidates, bool keepMembers)
    {
        var kept = 0;
        foreach (var candidate in candidates)
        {
            var isMember = ((_bits![candidate >> 6] >> candidate) & 1) != 0;
            if (isMember == keepMembers) candidates[kept++] = candidate;
        }

        return kept;
    }
}
