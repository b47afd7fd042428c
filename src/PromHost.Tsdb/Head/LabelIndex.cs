using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>
/// The label names, the pairs of name and value, and the postings: which series have a pair. Names and pairs have
/// numbers, which are used again when nobody reads the old ones any more. Writers are serialized by the owner; readers
/// take no lock, are inside an epoch, and see what was published before.
/// </summary>
/// <remarks>
/// How a pair goes: when the last of its series is gone, <see cref="Sweep"/> unlinks it, so that it is not found any
/// more, and what was unlinked is freed by the owner when all readers have left who may have found it before.
/// </remarks>
internal sealed class LabelIndex
{
    private const int NamePageBits = 8;
    private const int PairPageBits = 10;

    // A list is copied without those that are gone when they are an eighth of it.
    private const int SweepShift = 3;

    private readonly SeededHash _hash;
    private readonly ByteSlabs _bytes = new();
    private readonly HashEntries _nameEntries = new();
    private readonly HashEntries _pairEntries = new();
    private readonly PagedArray<LabelName?> _names = new(NamePageBits);
    private readonly NativePagedArray<LabelPair> _pairs = new(PairPageBits);
    private readonly PostingLists _lists = new();
    private readonly FreeNumbers _nameNumbers = new(NamePageBits);
    private readonly FreeNumbers _pairNumbers = new(PairPageBits);
    private int _nameLimit;
    private int _pairLimit;

    public LabelIndex(SeededHash hash)
    {
        _hash = hash;
        Swept = new LabelSweep(this);
    }

    /// <summary>The series by their ordinals, which postings list.</summary>
    public SeriesOrdinals Ordinals { get; } = new();

    /// <summary>What is to be cleaned up after series were removed. For the writer.</summary>
    public LabelSweep Swept { get; }

    /// <summary>The number of pairs.</summary>
    public int PairCount => _pairNumbers.Count;

    /// <summary>All names have numbers below it; some of these are free.</summary>
    public int NameLimit => Volatile.Read(ref _nameLimit);

    /// <summary>All pairs have numbers below it; some of these are free.</summary>
    public int PairLimit => Volatile.Read(ref _pairLimit);

    /// <summary>Bytes of names and values and of what finds them.</summary>
    public long SymbolBytes => _bytes.SizeBytes + _nameEntries.SizeBytes + _pairEntries.SizeBytes + NameBytes() +
        (((long)_pairs.PageCount << PairPageBits) * Unsafe.SizeOf<LabelPair>());

    /// <summary>Bytes of the postings and of the series' ordinals.</summary>
    public long PostingsBytes => _lists.SizeBytes + Ordinals.SizeBytes;

    /// <summary>Should the lists that are out of sight be retired? Any thread's; cheap.</summary>
    public bool IsRetireDue => _lists.IsRetireDue;

    /// <summary>A name by its number.</summary>
    public LabelName Name(int name) => _names[name]!;

    /// <summary>A name by its number, or null when the number is free.</summary>
    public LabelName? NameOrNull(int name) => Volatile.Read(ref _names[name]);

    /// <summary>The name of a pair.</summary>
    public LabelName NameOf(int pair) => _names[_pairs[pair].Name]!;

    /// <summary>The number of a pair's name.</summary>
    public int NameNumberOf(int pair) => _pairs[pair].Name;

    /// <summary>The value of a pair; never moves.</summary>
    public ReadOnlySpan<byte> ValueOf(int pair)
    {
        ref readonly var entry = ref _pairs[pair];
        return _bytes.From(entry.ValueHandle)[..entry.ValueLength];
    }

    /// <summary>The number of series that have a pair.</summary>
    public int SeriesCount(int pair) => Math.Max(0, Volatile.Read(ref _pairs[pair].Living));

    /// <summary>The ordinals of the series that have a pair, ascending; also of some that are gone.</summary>
    public ReadOnlySpan<int> Postings(int pair)
    {
        ref var entry = ref _pairs[pair];
        var list = Volatile.Read(ref entry.Series);
        if (list != 0) return _lists.Read(list);
        return MemoryMarshal.CreateReadOnlySpan(ref entry.First, Volatile.Read(ref entry.First) == 0 ? 0 : 1);
    }

    /// <summary>Is a pair out of sight, to be freed?</summary>
    public bool IsUnlinked(int pair) => _pairs[pair].Living == LabelPair.Unlinked;

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

    /// <summary>Finds or adds a pair; a series with it follows. For the writer.</summary>
    public int GetOrAddPair(ReadOnlySpan<byte> nameUtf8, ReadOnlySpan<byte> value)
    {
        if (!TryFindName(nameUtf8, out var name)) name = AddName(nameUtf8);
        if (TryFindPair(name, value, out var pair)) return pair;

        pair = _pairNumbers.Take();
        _pairs.EnsureRoom(pair);
        var handle = _bytes.Add(value.Length, out var bytes);
        value.CopyTo(bytes);
        _pairs[pair] = new LabelPair { Name = name, ValueHandle = handle, ValueLength = value.Length };
        Volatile.Write(ref _pairLimit, _pairNumbers.Last + 1);
        _pairEntries.Add(_hash.Hash(value, name), (ulong)pair);
        _names[name]!.Add(pair);
        return pair;
    }

    /// <summary>Adds a series, the highest ordinal so far, to the postings of a pair. For the writer.</summary>
    public void AddPosting(int pair, int ordinal)
    {
        ref var entry = ref _pairs[pair];
        entry.Living++;
        if (entry.Series == 0 && entry.First == 0)
        {
            Volatile.Write(ref entry.First, ordinal);
            return;
        }

        if (entry.Series != 0 && _lists.TryAdd(entry.Series, ordinal)) return;
        var listed = Postings(pair);
        var grown = _lists.Create(Math.Max(4, listed.Length + (listed.Length >> 1)));
        _lists.AddRange(grown, listed);
        _lists.TryAdd(grown, ordinal);
        Replace(ref entry, grown);
    }

    /// <summary>A series of a pair is gone; its ordinal is, too. For the writer; a sweep follows.</summary>
    public void RemovePosting(int pair)
    {
        _pairs[pair].Living--;
        Swept.Add(pair);
    }

    /// <summary>
    /// Unlinks a pair that no series has, and copies a list of which many are gone. For the writer, some time after
    /// <see cref="RemovePosting"/>.
    /// </summary>
    /// <returns>True when the pair was unlinked: its name is to be swept, too.</returns>
    public bool Sweep(int pair)
    {
        ref var entry = ref _pairs[pair];
        if (entry.Living == 0)
        {
            _pairEntries.Remove(_hash.Hash(ValueOf(pair), entry.Name), (ulong)pair);
            entry.Living = LabelPair.Unlinked;
            return true;
        }

        if (entry.Living < 0 || entry.Series == 0) return false;
        var listed = _lists.Read(entry.Series);
        if (listed.Length - entry.Living > listed.Length >> SweepShift) CopyLiving(ref entry, listed);
        return false;
    }

    /// <summary>
    /// Takes the unlinked pairs from their name, and unlinks the name when it has no other. For the writer.
    /// </summary>
    /// <returns>True when the name was unlinked.</returns>
    public bool SweepName(int name)
    {
        var label = Name(name);
        if (label.Sweep(this)) return false;
        _nameEntries.Remove(_hash.Hash(label.Utf8), (ulong)name);
        return true;
    }

    /// <summary>
    /// The lists that others have replaced, to be freed when nobody reads them any more. For the writer.
    /// </summary>
    public ulong[] TakeReplacedLists() => _lists.TakeReplaced();

    /// <summary>Frees lists that were replaced, and that nobody reads any more. For the writer.</summary>
    public void FreeLists(ReadOnlySpan<ulong> lists)
    {
        foreach (var list in lists) _lists.Free(list);
    }

    /// <summary>Frees a pair that was unlinked, and that nobody reads any more. For the writer.</summary>
    public void FreePair(int pair)
    {
        ref var entry = ref _pairs[pair];
        if (entry.Series != 0) _lists.Free(entry.Series);
        _bytes.Free(entry.ValueHandle);
        entry = default;
        if (_pairNumbers.Return(pair)) _pairs.FreePage(pair);
    }

    /// <summary>Frees a name that was unlinked, and that nobody reads any more. For the writer.</summary>
    public void FreeName(int name)
    {
        Volatile.Write(ref _names[name], null);
        // Their pages are small and few, and read by number up to the limit.
        _nameNumbers.Return(name);
    }

    private long NameBytes()
    {
        var bytes = 0L;
        for (var name = 1; name < NameLimit; name++) bytes += NameOrNull(name)?.SizeBytes ?? 0;
        return bytes;
    }

    private void CopyLiving(ref LabelPair entry, ReadOnlySpan<int> listed)
    {
        // Room for a few more, as in a list that has grown.
        var copy = _lists.Create(entry.Living + (entry.Living >> 3) + 1);
        foreach (var ordinal in listed)
        {
            if (Ordinals.SeriesOf(ordinal) != 0) _lists.TryAdd(copy, ordinal);
        }

        Replace(ref entry, copy);
    }

    private void Replace(ref LabelPair entry, ulong list)
    {
        var old = entry.Series;
        Volatile.Write(ref entry.Series, list);
        if (old != 0) _lists.Replaced(old);
    }

    private int AddName(ReadOnlySpan<byte> utf8)
    {
        var name = _nameNumbers.Take();
        _names.EnsureRoom(name);
        Volatile.Write(ref _names[name], new LabelName(utf8.ToArray()));
        Volatile.Write(ref _nameLimit, _nameNumbers.Last + 1);
        _nameEntries.Add(_hash.Hash(utf8), (ulong)name);
        return name;
    }

    private readonly ref struct NameMatch(LabelIndex index, ReadOnlySpan<byte> utf8) : HashEntries.IMatch
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;

        public bool Matches(ulong value) => _utf8.SequenceEqual(index._names[(int)value]!.Utf8);
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
