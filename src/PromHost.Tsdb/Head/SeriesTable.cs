// Hot path: TryGet runs per series of every batch.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Finds series by the bytes of their labels (Prometheus: <c>stripeSeries</c>), and creates them. Series have dense
/// numbers from 1 on. Look-ups take no lock; creating does.
/// </summary>
/// <remarks>
/// <para>
/// Two indexes: one by a sender's encoding (an alias), of which a series keeps a few, one by the label set itself. An
/// alias lies in a slab as <c>series (4) | size (4) | next (8) | bytes</c>; the index by labels holds only the number,
/// the label pairs are compared.
/// </para>
/// <para>
/// Senders repeat their series in the same order, so an alias remembers which one followed it last. That one is
/// compared first: when it is it, nothing is hashed and the index, which is in no cache when there are many series, is
/// not touched. Any thread may change <c>next</c> at any time; it is a guess and always checked.
/// </para>
/// </remarks>
internal sealed class SeriesTable
{
    /// <summary>Encodings that are remembered per series: more would be a leak that a sender can cause.</summary>
    public const int MaxAliases = 4;

    private const int AliasHeaderBytes = 16;
    private const int NextOffset = 8;
    private const int CacheLineBytes = 64;

    private readonly SeededHash _hash;
    private readonly SeriesStore _store;
    private readonly LabelIndex _index;
    private readonly IntSlabs _pairLists = new();
    private readonly ByteSlabs _aliases = new();
    private readonly HashEntries _byAlias = new();
    private readonly HashEntries _byLabels = new();
    private readonly Lock _lock = new();
    private readonly List<int> _newPairs = [];
    private int _count;
    private ulong _lastWalRef;

    public SeriesTable(SeededHash hash, SeriesStore store, LabelIndex index)
    {
        _hash = hash;
        _store = store;
        _index = index;
    }

    /// <summary>The number of series, which is the highest number of one.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Finds a series by a sender's encoding of its labels.</summary>
    /// <param name="rawLabels">The encoding.</param>
    /// <param name="cursor">What the sender's last series left here; 0 at first.</param>
    /// <param name="series">The series when it is known.</param>
    public bool TryGet(ReadOnlySpan<byte> rawLabels, ref ulong cursor, out int series)
    {
        var expected = cursor == 0 ? 0 : Next(cursor);
        if (expected == 0 || !IsAlias(expected, rawLabels))
        {
            if (!TryFindAlias(rawLabels, out expected))
            {
                series = 0;
                return false;
            }

            if (cursor != 0) Next(cursor) = expected;
        }

        cursor = expected;
        series = BinaryPrimitives.ReadInt32LittleEndian(_aliases.From(expected));
        PrefetchNext(expected, rawLabels.Length);
        return true;
    }

    /// <summary>Finds a series by its labels.</summary>
    public bool TryGet(Labels labels, out int series) =>
        TryGetByLabels(_hash.Hash(labels.Encoded), labels, out series);

    /// <summary>Finds or creates a series, and remembers a sender's encoding unless it is empty.</summary>
    public int GetOrAdd(Labels labels, ReadOnlySpan<byte> rawLabels)
    {
        ulong cursor = 0;
        return GetOrAdd(labels, rawLabels, ref cursor);
    }

    /// <summary>The same, keeping a cursor for <see cref="TryGet(ReadOnlySpan{byte}, ref ulong, out int)"/>.</summary>
    public int GetOrAdd(Labels labels, ReadOnlySpan<byte> rawLabels, ref ulong cursor)
    {
        var hash = _hash.Hash(labels.Encoded);
        if (TryGetByLabels(hash, labels, out var series) && rawLabels.IsEmpty) return series;
        lock (_lock)
        {
            if (series == 0 && !TryGetByLabels(hash, labels, out series))
                series = Create(hash, labels, ++_lastWalRef);
            if (!rawLabels.IsEmpty) AddAlias(series, rawLabels, ref cursor);
            return series;
        }
    }

    /// <summary>Finds or creates a series that the WAL names; for replay.</summary>
    /// <param name="labels">Its labels.</param>
    /// <param name="walRef">Its number there.</param>
    /// <param name="isNew">Was it created, so that it has this number?</param>
    public int GetOrAddLogged(Labels labels, ulong walRef, out bool isNew)
    {
        var hash = _hash.Hash(labels.Encoded);
        lock (_lock)
        {
            _lastWalRef = Math.Max(_lastWalRef, walRef);
            isNew = !TryGetByLabels(hash, labels, out var series);
            if (isNew)
            {
                series = Create(hash, labels, walRef);
                _store.State(series).IsLogged = true;
            }

            return series;
        }
    }

    /// <summary>Keeps a number of the WAL from being given to a new series.</summary>
    public void Reserve(ulong walRef)
    {
        lock (_lock) _lastWalRef = Math.Max(_lastWalRef, walRef);
    }

    /// <summary>The label pairs of a series, in the order of their names.</summary>
    public ReadOnlySpan<int> PairsOf(int series) => _pairLists.Get(_store.State(series).Pairs);

    /// <summary>The labels of a series; made at the first call and kept.</summary>
    public Labels LabelsOf(int series)
    {
        ref var cached = ref _store.CachedLabels(series);
        var encoded = Volatile.Read(ref cached);
        if (encoded is null)
        {
            encoded = Encode(PairsOf(series));
            encoded = Interlocked.CompareExchange(ref cached, encoded, null) ?? encoded;
        }

        return Labels.FromEncoded(encoded);
    }

    /// <summary>The labels of a series, made anew and not kept: for what is needed once.</summary>
    public Labels MakeLabels(int series) => Labels.FromEncoded(Encode(PairsOf(series)));

    /// <summary>Orders two series as <see cref="Labels.CompareTo"/> orders their labels.</summary>
    public int Compare(int left, int right)
    {
        var leftPairs = PairsOf(left);
        var rightPairs = PairsOf(right);
        var common = Math.Min(leftPairs.Length, rightPairs.Length);
        var i = leftPairs.CommonPrefixLength(rightPairs);
        if (i >= common) return leftPairs.Length.CompareTo(rightPairs.Length);
        var order = _index.NameOf(leftPairs[i]).Utf8.AsSpan().SequenceCompareTo(_index.NameOf(rightPairs[i]).Utf8);
        return order != 0 ? order : _index.ValueOf(leftPairs[i]).SequenceCompareTo(_index.ValueOf(rightPairs[i]));
    }

    private bool TryGetByLabels(ulong hash, Labels labels, out int series)
    {
        var found = _byLabels.TryFind(hash, new LabelsMatch(this, labels.Encoded), out var value);
        series = (int)value;
        return found;
    }

    private int Create(ulong hash, Labels labels, ulong walRef)
    {
        _newPairs.Clear();
        foreach (var label in labels) _newPairs.Add(_index.GetOrAddPair(label.Name, label.Value));
        var pairs = CollectionsMarshal.AsSpan(_newPairs);
        var series = _count + 1;
        _store.Add(series, walRef, _pairLists.Add(pairs));
        foreach (var pair in pairs) _index.AddPosting(pair, series);
        // Counted first: whoever finds it may use it.
        Volatile.Write(ref _count, series);
        _byLabels.Add(hash, (ulong)series);
        return series;
    }

    private ref ulong Next(ulong alias) => ref MemoryMarshal.AsRef<ulong>(_aliases.From(alias)[NextOffset..]);

    private bool IsAlias(ulong alias, ReadOnlySpan<byte> rawLabels) =>
        new AliasMatch(_aliases, rawLabels).Matches(alias);

    private bool TryFindAlias(ReadOnlySpan<byte> rawLabels, out ulong alias) =>
        _byAlias.TryFind(_hash.Hash(rawLabels), new AliasMatch(_aliases, rawLabels), out alias);

    // While the caller is busy with this series, the next one comes near: its size is probably about the same.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void PrefetchNext(ulong alias, int length)
    {
        var next = Next(alias);
        if (next == 0 || !Sse.IsSupported) return;
        // The slabs are pinned.
        var start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_aliases.From(next)));
        for (var offset = 0; offset < length + AliasHeaderBytes; offset += CacheLineBytes)
            Sse.Prefetch0(start + offset);
    }

    private void AddAlias(int series, ReadOnlySpan<byte> rawLabels, ref ulong cursor)
    {
        ref var state = ref _store.State(series);
        if (state.AliasCount >= MaxAliases || TryGet(rawLabels, ref cursor, out _)) return;
        state.AliasCount++;
        var handle = _aliases.Add(AliasHeaderBytes + rawLabels.Length, out var alias);
        BinaryPrimitives.WriteInt32LittleEndian(alias, series);
        BinaryPrimitives.WriteInt32LittleEndian(alias[4..], rawLabels.Length);
        rawLabels.CopyTo(alias[AliasHeaderBytes..]);
        _byAlias.Add(_hash.Hash(rawLabels), handle);
        if (cursor != 0) Next(cursor) = handle;
        cursor = handle;
    }

    private byte[] Encode(ReadOnlySpan<int> pairs)
    {
        var size = 0;
        foreach (var pair in pairs)
        {
            size += LabelsEncoding.SizeOf(_index.NameOf(pair).Utf8.Length) +
                LabelsEncoding.SizeOf(_index.ValueOf(pair).Length);
        }

        var encoded = new byte[size];
        var position = 0;
        foreach (var pair in pairs)
        {
            LabelsEncoding.Write(_index.NameOf(pair).Utf8, encoded, ref position);
            LabelsEncoding.Write(_index.ValueOf(pair), encoded, ref position);
        }

        return encoded;
    }

    private readonly ref struct AliasMatch(ByteSlabs aliases, ReadOnlySpan<byte> rawLabels) : HashEntries.IMatch
    {
        private readonly ReadOnlySpan<byte> _rawLabels = rawLabels;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Matches(ulong value)
        {
            ReadOnlySpan<byte> alias = aliases.From(value);
            return BinaryPrimitives.ReadInt32LittleEndian(alias[4..]) == _rawLabels.Length &&
                alias.Slice(AliasHeaderBytes, _rawLabels.Length).SequenceEqual(_rawLabels);
        }
    }

    private readonly ref struct LabelsMatch(SeriesTable table, ReadOnlySpan<byte> encoded) : HashEntries.IMatch
    {
        private readonly ReadOnlySpan<byte> _encoded = encoded;

        public bool Matches(ulong value)
        {
            var rest = _encoded;
            foreach (var pair in table.PairsOf((int)value))
            {
                if (!TryTake(ref rest, table._index.NameOf(pair).Utf8) ||
                    !TryTake(ref rest, table._index.ValueOf(pair)))
                    return false;
            }

            return rest.IsEmpty;
        }

        private static bool TryTake(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> part)
        {
            if (rest.IsEmpty) return false;
            var position = 0;
            if (!LabelsEncoding.Read(rest, ref position).SequenceEqual(part)) return false;
            rest = rest[position..];
            return true;
        }
    }
}
