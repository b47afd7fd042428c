// Hot path: TryGet runs per series of every batch.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Finds series by the bytes of their labels (Prometheus: <c>stripeSeries</c>), creates and removes them. Series have
/// dense numbers from 1 on, used again when nobody uses the series any more that had it. Look-ups take no lock;
/// creating and removing does. Whoever keeps a series is inside an epoch.
/// </summary>
/// <remarks>
/// Two indexes: one by a sender's encoding (<see cref="SenderEncodings"/>), of which a series keeps a few, one by the
/// label set itself, which holds only the number: the label pairs are compared. These lie in the series' record:
/// <c>first alias (8) | ordinal (4) | count (4) | pairs (4 each)</c>.
/// </remarks>
internal sealed class SeriesTable
{
    /// <summary>Encodings that are remembered per series: more would be a leak that a sender can cause.</summary>
    public const int MaxAliases = 4;

    private const int RecordHeaderBytes = 16;
    private const int OrdinalOffset = 8;
    private const int CountOffset = 12;

    private readonly SeededHash _hash;
    private readonly SeriesStore _store;
    private readonly LabelIndex _index;
    private readonly Epochs _epochs;
    private readonly ByteSlabs _records = new();
    private readonly SenderEncodings _aliases;
    private readonly HashEntries _byLabels = new();
    private readonly Lock _lock = new();
    private readonly EvictedSeries _evicted = new();
    private readonly List<int> _newPairs = [];
    private ulong _lastWalRef;
    private long _removedCount;
    private byte[] _scratch = [];

    public SeriesTable(SeededHash hash, SeriesStore store, LabelIndex index, Epochs epochs)
    {
        _hash = hash;
        _store = store;
        _index = index;
        _epochs = epochs;
        _aliases = new SenderEncodings(hash);
    }

    /// <summary>The number of series.</summary>
    public int LivingCount => _index.Ordinals.Count;

    /// <summary>The highest number of a series.</summary>
    public int MaxSeries => _store.MaxSeries;

    /// <summary>Series created so far.</summary>
    public long CreatedCount { get; private set; }

    /// <summary>Series removed so far: counted when they are not found any more.</summary>
    public long RemovedCount => Volatile.Read(ref _removedCount);

    /// <summary>Bytes of the records of series and of what finds them by labels.</summary>
    public long RecordBytes => _records.SizeBytes + _byLabels.SizeBytes;

    /// <summary>Bytes of what stands for the senders' encodings and of what finds them.</summary>
    public long AliasBytes => _aliases.SizeBytes;

    /// <summary>Finds a series by a sender's encoding of its labels.</summary>
    /// <param name="rawLabels">The encoding.</param>
    /// <param name="cursor">What the sender's last series left here; 0 at first.</param>
    /// <param name="series">The series when it is known.</param>
    public bool TryGet(ReadOnlySpan<byte> rawLabels, ref ulong cursor, out int series) =>
        _aliases.TryGet(rawLabels, ref cursor, out series);

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
            if ((series == 0 || _store.State(series).IsGone) && !TryGetByLabels(hash, labels, out series))
                series = Create(hash, labels, ++_lastWalRef);
            if (!rawLabels.IsEmpty) AddAlias(series, rawLabels, ref cursor);
        }

        if (_index.IsRetireDue) RetireLists();
        return series;
    }

    /// <summary>Finds or creates a series that the WAL names; for replay.</summary>
    /// <param name="labels">Its labels.</param>
    /// <param name="walRef">Its number there.</param>
    /// <param name="isNew">Was it created, so that it has this number?</param>
    public int GetOrAddLogged(Labels labels, ulong walRef, out bool isNew)
    {
        var hash = _hash.Hash(labels.Encoded);
        int series;
        lock (_lock)
        {
            _lastWalRef = Math.Max(_lastWalRef, walRef);
            isNew = !TryGetByLabels(hash, labels, out series);
            if (isNew)
            {
                series = Create(hash, labels, walRef);
                _store.State(series).IsLogged = true;
            }
        }

        if (_index.IsRetireDue) RetireLists();
        return series;
    }

    /// <summary>Finds or creates a series that the WAL names, by the numbers of its label pairs; for replay.</summary>
    /// <param name="pairs">Pairs of <see cref="AddPair"/>, in the order of the labels' names.</param>
    /// <param name="hash">What <see cref="HashOf"/> gives for these labels.</param>
    /// <param name="walRef">Its number in the WAL; it has another one if it was there.</param>
    public int GetOrAddLogged(ReadOnlySpan<int> pairs, ulong hash, ulong walRef)
    {
        int series;
        lock (_lock)
        {
            _lastWalRef = Math.Max(_lastWalRef, walRef);
            if (_byLabels.TryFind(hash, new PairsMatch(this, pairs), out var found)) return (int)found;
            series = Create(hash, pairs, walRef);
            _store.State(series).IsLogged = true;
        }

        if (_index.IsRetireDue) RetireLists();
        return series;
    }

    /// <summary>The hash that a label set has here. Any thread's.</summary>
    /// <param name="encoded">The encoding of <see cref="Labels"/>.</param>
    public ulong HashOf(ReadOnlySpan<byte> encoded) => _hash.Hash(encoded);

    /// <summary>Finds or adds a label pair; a series with it follows. For replay.</summary>
    public int AddPair(ReadOnlySpan<byte> nameUtf8, ReadOnlySpan<byte> value)
    {
        lock (_lock) return _index.GetOrAddPair(nameUtf8, value);
    }

    /// <summary>The highest number of the WAL given to a series or reserved so far.</summary>
    public ulong LastWalRef
    {
        get
        {
            lock (_lock) return _lastWalRef;
        }
    }

    /// <summary>Keeps a number of the WAL from being given to a new series.</summary>
    public void Reserve(ulong walRef)
    {
        lock (_lock) _lastWalRef = Math.Max(_lastWalRef, walRef);
    }

    /// <summary>
    /// Removes a series whose samples are all in blocks, as <see cref="Remove"/> does. Where it comes back, older
    /// samples than the newest of these are out of order as if it had stayed.
    /// </summary>
    public void Evict(int series, long lastTimeMs)
    {
        lock (_lock)
        {
            ref readonly var state = ref _store.State(series);
            var hash = _hash.Hash(Encode(PairsIn(_records.From(state.Record)), ref _scratch));
            _evicted.Add(hash, lastTimeMs);
            _evicted.AddRef(hash, state.WalRef);
            Remove(series);
        }
    }

    /// <summary>The numbers in the log of a series that was evicted since the start.</summary>
    public IReadOnlyList<ulong> EvictedRefsOf(Labels labels)
    {
        lock (_lock) return _evicted.RefsOf(_hash.Hash(labels.Encoded));
    }

    /// <summary>Takes note of a series that was evicted before the last start.</summary>
    /// <returns>The series where it is there again, else 0.</returns>
    public int NoteEvicted(Labels labels, long lastTimeMs)
    {
        var hash = _hash.Hash(labels.Encoded);
        lock (_lock)
        {
            _evicted.Add(hash, lastTimeMs);
            return TryGetByLabels(hash, labels, out var series) ? series : 0;
        }
    }

    /// <summary>What was decided of a series before it was evicted holds again, if it was. For the committer.</summary>
    public void RecallEvicted(int series)
    {
        lock (_lock)
        {
            var pairs = PairsIn(_records.From(_store.State(series).Record));
            if (!_evicted.IsEmpty) _evicted.Recall(_hash.Hash(Encode(pairs, ref _scratch)), ref _store.State(series));
        }
    }

    /// <summary>Forgets of evicted series those that ended before a time: the head takes nothing older.</summary>
    public void ForgetEvictedBefore(long timeMs)
    {
        lock (_lock) _evicted.RemoveBefore(timeMs);
    }

    /// <summary>
    /// Removes a series, which has no samples: nobody finds it any more, but those who found it before may use it until
    /// their epoch ends; then <see cref="Free"/> follows. For the committer.
    /// </summary>
    public void Remove(int series)
    {
        lock (_lock)
        {
            ref var state = ref _store.State(series);
            var record = _records.From(state.Record);
            var pairs = PairsIn(record);
            _byLabels.Remove(_hash.Hash(Encode(pairs, ref _scratch)), (ulong)series);
            _aliases.Remove(AliasIn(record));
            _index.Ordinals.Remove(BinaryPrimitives.ReadInt32LittleEndian(record[OrdinalOffset..]));
            foreach (var pair in pairs) _index.RemovePosting(pair);
            state.IsGone = true;
            Volatile.Write(ref _removedCount, _removedCount + 1);
        }
    }

    /// <summary>Frees the memory of series that were removed, and that nobody uses any more.</summary>
    public void Free(ReadOnlySpan<int> removed)
    {
        lock (_lock)
        {
            foreach (var series in removed)
            {
                var handle = _store.State(series).Record;
                _aliases.Free(AliasIn(_records.From(handle)));
                _records.Free(handle);
                _store.Free(series);
            }
        }
    }

    /// <summary>
    /// Does a part of the cleaning up after series were removed: takes out of sight the label pairs and names that no
    /// series has. For the committer.
    /// </summary>
    /// <param name="budget">How much, in entries of lists and tables that are looked at.</param>
    /// <param name="unlinked">What is out of sight now, when all is done: <see cref="FreeLabels"/> follows.</param>
    /// <returns>False when all is done.</returns>
    public bool SweepLabels(int budget, out (int[] Pairs, int[] Names) unlinked)
    {
        bool goesOn;
        lock (_lock)
        {
            goesOn = _index.Swept.Run(budget);
            unlinked = goesOn ? ([], []) : _index.Swept.TakeUnlinked();
        }

        if (!goesOn || _index.IsRetireDue) RetireLists();
        return goesOn;
    }

    /// <summary>Frees label pairs and names that were unlinked, and that nobody uses any more.</summary>
    public void FreeLabels((int[] Pairs, int[] Names) unlinked)
    {
        lock (_lock)
        {
            foreach (var pair in unlinked.Pairs) _index.FreePair(pair);
            foreach (var name in unlinked.Names) _index.FreeName(name);
        }
    }

    /// <summary>
    /// Finds or creates again a series that was removed while a batch had it. Within the epoch of the batch.
    /// </summary>
    public int Revive(int series) => GetOrAdd(MakeLabels(series), []);

    /// <summary>The label pairs of a series, in the order of their names.</summary>
    public ReadOnlySpan<int> PairsOf(int series) => PairsIn(_records.From(_store.State(series).Record));

    /// <summary>The labels of a series; made at the first call and kept.</summary>
    public Labels LabelsOf(int series) => Labels.FromEncoded(
        _store.CachedLabels(series) ?? _store.CacheLabels(series, Encode(PairsOf(series))));

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

    // Outside of the lock: whoever is the last to leave releases what is retired.
    private void RetireLists()
    {
        ulong[] lists;
        lock (_lock) lists = _index.TakeReplacedLists();
        if (lists.Length == 0) return;
        _epochs.Retire(() =>
        {
            lock (_lock) _index.FreeLists(lists);
        });
    }

    private bool TryGetByLabels(ulong hash, Labels labels, out int series)
    {
        var found = _byLabels.TryFind(hash, new LabelsMatch(this, labels.Encoded), out var value);
        series = (int)value;
        return found;
    }

    private int Create(ulong hash, Labels labels, ulong walRef)
    {
        // Before pairs are added that no series would have.
        _ = _index.Ordinals.Next;
        _newPairs.Clear();
        foreach (var label in labels) _newPairs.Add(_index.GetOrAddPair(label.Name, label.Value));
        return Create(hash, CollectionsMarshal.AsSpan(_newPairs), walRef);
    }

    private int Create(ulong hash, ReadOnlySpan<int> pairs, ulong walRef)
    {
        var ordinal = _index.Ordinals.Next;
        var handle = _records.Add(RecordHeaderBytes + (pairs.Length * sizeof(int)), out var record);
        BinaryPrimitives.WriteInt32LittleEndian(record[OrdinalOffset..], ordinal);
        BinaryPrimitives.WriteInt32LittleEndian(record[CountOffset..], pairs.Length);
        MemoryMarshal.AsBytes(pairs).CopyTo(record[RecordHeaderBytes..]);
        var series = _store.Add(walRef, handle);
        if (!_evicted.IsEmpty) _evicted.Recall(hash, ref _store.State(series));
        foreach (var pair in pairs) _index.AddPosting(pair, ordinal);
        // Counted first: whoever finds it may use it.
        _index.Ordinals.Add(series);
        _byLabels.Add(hash, (ulong)series);
        CreatedCount++;
        return series;
    }

    private void AddAlias(int series, ReadOnlySpan<byte> rawLabels, ref ulong cursor)
    {
        ref var state = ref _store.State(series);
        var record = _records.From(state.Record);
        if (state.AliasCount >= MaxAliases ||
            !_aliases.TryAdd(rawLabels, series, AliasIn(record), ref cursor, out var alias))
            return;
        state.AliasCount++;
        BinaryPrimitives.WriteUInt64LittleEndian(record, alias);
    }

    private static ulong AliasIn(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt64LittleEndian(record);

    private static ReadOnlySpan<int> PairsIn(ReadOnlySpan<byte> record) => MemoryMarshal.Cast<byte, int>(
        record[RecordHeaderBytes..])[..BinaryPrimitives.ReadInt32LittleEndian(record[CountOffset..])];

    private byte[] Encode(ReadOnlySpan<int> pairs)
    {
        byte[] encoded = [];
        Encode(pairs, ref encoded);
        return encoded;
    }

    // Into a buffer that is replaced by one of the right size when it is too short.
    private ReadOnlySpan<byte> Encode(ReadOnlySpan<int> pairs, ref byte[] encoded)
    {
        var size = 0;
        foreach (var pair in pairs)
        {
            size += LabelsEncoding.SizeOf(_index.NameOf(pair).Utf8.Length) +
                LabelsEncoding.SizeOf(_index.ValueOf(pair).Length);
        }

        if (encoded.Length < size) encoded = new byte[size];
        var position = 0;
        foreach (var pair in pairs)
        {
            LabelsEncoding.Write(_index.NameOf(pair).Utf8, encoded, ref position);
            LabelsEncoding.Write(_index.ValueOf(pair), encoded, ref position);
        }

        return encoded.AsSpan(0, position);
    }

    private readonly ref struct PairsMatch(SeriesTable table, ReadOnlySpan<int> pairs) : HashEntries.IMatch
    {
        private readonly ReadOnlySpan<int> _pairs = pairs;

        public bool Matches(ulong value) => table.PairsOf((int)value).SequenceEqual(_pairs);
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
