using System.Text;

namespace PromHost.Tsdb;

/// <summary>A label name and the pairs that begin with it. One thread adds; any thread reads.</summary>
internal sealed class LabelName(byte[] utf8)
{
    private int[] _pairs = new int[4];
    private int _count;
    private int[] _sorted = [];

    /// <summary>The name's bytes.</summary>
    public byte[] Utf8 { get; } = utf8;

    /// <summary>The name.</summary>
    public string Text { get; } = Encoding.UTF8.GetString(utf8);

    /// <summary>The pairs in the order in which they appeared.</summary>
    public ReadOnlySpan<int> Pairs
    {
        get
        {
            var count = Volatile.Read(ref _count);
            return Volatile.Read(ref _pairs).AsSpan(0, count);
        }
    }

    /// <summary>Adds a pair that was not there.</summary>
    public void Add(int pair)
    {
        if (_count == _pairs.Length)
        {
            var grown = new int[_count * 2];
            _pairs.CopyTo(grown, 0);
            Volatile.Write(ref _pairs, grown);
        }

        _pairs[_count] = pair;
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The pairs ascending by the bytes of their values; kept until the next pair appears.</summary>
    public ReadOnlySpan<int> SortedPairs(LabelIndex index)
    {
        var pairs = Pairs;
        var sorted = Volatile.Read(ref _sorted);
        if (sorted.Length == pairs.Length) return sorted;
        sorted = pairs.ToArray();
        Array.Sort(sorted, (a, b) => index.ValueOf(a).SequenceCompareTo(index.ValueOf(b)));
        Volatile.Write(ref _sorted, sorted);
        return sorted;
    }
}
