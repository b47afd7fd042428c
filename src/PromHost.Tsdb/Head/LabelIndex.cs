using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>
/// The label names, the pairs of name and value, and the postings: which series have a pair. Names and pairs have dense
/// numbers from 1 on. Writers are serialized by the owner; readers take no lock and see what was published before.
/// </summary>
internal sealed class LabelIndex
{
    private readonly SeededHash _hash;
    private readonly ByteSlabs _bytes = new();
    private readonly HashEntries _nameEntries = new();
    private readonly HashEntries _pairEntries = new();
    private readonly PagedArray<LabelName> _names = new(8);
    private readonly PagedArray<LabelPair> _pairs = new(10);
    private int _nameCount;
    private int _pairCount;

    public LabelIndex(SeededHash hash) => _hash = hash;

    /// <summary>The number of label names.</summary>
    public int NameCount => Volatile.Read(ref _nameCount);

    /// <summary>The number of pairs.</summary>
    public int PairCount => Volatile.Read(ref _pairCount);

    /// <summary>A name by its number.</summary>
    public LabelName Name(int name) => _names[name];

    /// <summary>The name of a pair.</summary>
    public LabelName NameOf(int pair) => _names[_pairs[pair].Name];

    /// <summary>The number of a pair's name.</summary>
    public int NameNumberOf(int pair) => _pairs[pair].Name;

    /// <summary>The value of a pair; never moves.</summary>
    public ReadOnlySpan<byte> ValueOf(int pair)
    {
        ref readonly var entry = ref _pairs[pair];
        return _bytes.From(entry.ValueHandle)[..entry.ValueLength];
    }

    /// <summary>The value of a pair as memory that can be handed on.</summary>
    public ReadOnlyMemory<byte> ValueMemoryOf(int pair)
    {
        ref readonly var entry = ref _pairs[pair];
        return _bytes.MemoryOf(entry.ValueHandle, entry.ValueLength);
    }

    /// <summary>The number of series that have a pair.</summary>
    public int SeriesCount(int pair) => Volatile.Read(ref _pairs[pair].Count);

    /// <summary>The series that have a pair, ascending.</summary>
    public ReadOnlySpan<int> Postings(int pair)
    {
        ref var entry = ref _pairs[pair];
        var count = Volatile.Read(ref entry.Count);
        return count < 2
            ? MemoryMarshal.CreateReadOnlySpan(ref entry.First, count)
            : Volatile.Read(ref entry.Series).AsSpan(0, count);
    }

    /// <summary>Finds a name.</summary>
    public bool TryFindName(ReadOnlySpan<byte> utf8, out int name)
    {
        var found = _nameEntries.TryFind(_hash.Hash(utf8), new NameMatch(this, utf8), out var value);
        name = (int)value;
        return found;
    }

    /// <summary>Finds a pair.</summary>
    public bool TryFindPair(int name, ReadOnlySpan<byte> value, out int pair)
    {
        var found = _pairEntries.TryFind(_hash.Hash(value, name), new PairMatch(this, name, value), out var entry);
        pair = (int)entry;
        return found;
    }

    /// <summary>Finds or adds a pair. For the writer.</summary>
    public int GetOrAddPair(ReadOnlySpan<byte> nameUtf8, ReadOnlySpan<byte> value)
    {
        if (!TryFindName(nameUtf8, out var name)) name = AddName(nameUtf8);
        if (TryFindPair(name, value, out var pair)) return pair;

        pair = _pairCount + 1;
        _pairs.EnsureRoom(pair);
        ref var entry = ref _pairs[pair];
        entry.Name = name;
        entry.ValueLength = value.Length;
        entry.ValueHandle = _bytes.Add(value.Length, out var bytes);
        value.CopyTo(bytes);
        _pairEntries.Add(_hash.Hash(value, name), (ulong)pair);
        Volatile.Write(ref _pairCount, pair);
        _names[name].Add(pair);
        return pair;
    }

    /// <summary>Adds a series, the highest so far, to the postings of a pair. For the writer.</summary>
    public void AddPosting(int pair, int series)
    {
        ref var entry = ref _pairs[pair];
        var count = entry.Count;
        if (count == 0)
        {
            entry.First = series;
        }
        else
        {
            var list = entry.Series;
            if (list is null || list.Length == count)
            {
                list = Grow(list, count);
                if (count == 1) list[0] = entry.First;
                Volatile.Write(ref entry.Series, list);
            }

            list[count] = series;
        }

        Volatile.Write(ref entry.Count, count + 1);
    }

    private static int[] Grow(int[]? list, int count)
    {
        var grown = new int[Math.Max(4, count + (count >> 1))];
        list?.CopyTo(grown, 0);
        return grown;
    }

    private int AddName(ReadOnlySpan<byte> utf8)
    {
        var name = _nameCount + 1;
        _names.EnsureRoom(name);
        _names[name] = new LabelName(utf8.ToArray());
        _nameEntries.Add(_hash.Hash(utf8), (ulong)name);
        Volatile.Write(ref _nameCount, name);
        return name;
    }

    private readonly ref struct NameMatch(LabelIndex index, ReadOnlySpan<byte> utf8) : HashEntries.IMatch
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;

        public bool Matches(ulong value) => _utf8.SequenceEqual(index._names[(int)value].Utf8);
    }

    private readonly ref struct PairMatch(LabelIndex index, int name, ReadOnlySpan<byte> text) : HashEntries.IMatch
    {
        private readonly ReadOnlySpan<byte> _text = text;

        public bool Matches(ulong value)
        {
            ref readonly var entry = ref index._pairs[(int)value];
            return entry.Name == name && entry.ValueLength == _text.Length &&
                _text.SequenceEqual(index._bytes.From(entry.ValueHandle)[..entry.ValueLength]);
        }
    }
}
