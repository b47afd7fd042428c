// Hot path: handles every label of every series once.
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Writes the postings of an index: for every label pair the list of its series, and the table of these lists.
/// </summary>
/// <remarks>
/// 1. The list of all series, under the empty name and value.
/// 2. Label names in their order, in batches of as many as fit the budget, a single one if need be. A walk over the
///    series collects, per name, value and series as one 64-bit number; sorted, they are the name's lists in order.
/// 3. The table: names and values are known from the symbols, the offsets from the lists' lengths, which are kept.
/// </remarks>
internal sealed class PostingsWriter : IDisposable
{
    private const int PauseEvery = 4096;

    private readonly BlockFileWriter _file;
    private readonly SymbolNumbers _symbols;
    private readonly WrittenSeries _series;
    private readonly int _seriesCount;
    private readonly Action _pause;
    private int _steps;

    // Value and length of each list, in the order of the table; of the names, how many lists each has.
    private readonly List<(uint Value, uint Length)> _lists = [];
    private readonly List<(uint Name, int ListCount)> _names = [];

    /// <summary>Makes a writer.</summary>
    /// <param name="file">The index, whose series are written.</param>
    /// <param name="symbols">Its symbols; a number's order is that of the text.</param>
    /// <param name="series">Its series.</param>
    /// <param name="seriesCount">How many they are.</param>
    /// <param name="pause">Called for every label name, and every few thousand postings.</param>
    public PostingsWriter(
        BlockFileWriter file, SymbolNumbers symbols, WrittenSeries series, int seriesCount, Action pause)
    {
        _file = file;
        _symbols = symbols;
        _series = series;
        _seriesCount = seriesCount;
        _pause = pause;
        file.AlignTo(sizeof(uint));
        StartBytes = file.PositionBytes;
    }

    /// <summary>Where the first list begins.</summary>
    public long StartBytes { get; }

    /// <summary>Writes all lists.</summary>
    /// <param name="usesOfNames">How many series have each label name, by symbol.</param>
    /// <param name="batchEntries">Postings to hold in memory at once, 8 bytes each.</param>
    public void WriteLists(IReadOnlyDictionary<uint, int> usesOfNames, int batchEntries)
    {
        WriteAll();
        var names = usesOfNames.Keys.Order().ToArray();
        for (var from = 0; from < names.Length;)
        {
            var to = from;
            var entryCount = 0L;
            while (to < names.Length && (to == from || entryCount + usesOfNames[names[to]] <= batchEntries))
                entryCount += usesOfNames[names[to++]];
            WriteBatch(names.AsSpan(from, to - from), usesOfNames, (int)entryCount);
            from = to;
        }
    }

    /// <summary>Writes the table of the lists.</summary>
    public void WriteTable()
    {
        var start = _file.PositionBytes;
        // The length, known at the end only; no checksum covers it.
        _file.WriteUInt32(0);
        _file.StartChecksum();
        _file.WriteUInt32((uint)_lists.Count + 1);
        var offset = WriteTableEntry(default, default, (uint)_seriesCount, StartBytes);
        var index = 0;
        foreach (var (name, listCount) in _names)
        {
            _pause();
            for (var end = index + listCount; index < end; index++)
            {
                offset = WriteTableEntry(_symbols[name], _symbols[_lists[index].Value], _lists[index].Length, offset);
                Step();
            }
        }

        _file.WriteChecksum();
        var length = _file.PositionBytes - start - (2 * sizeof(uint));
        if (length > uint.MaxValue)
            throw new IOException($"{_file.Path}: the table of label pairs cannot hold more than 4 GiB");
        _file.Patch(start, (uint)length);
    }

    /// <inheritdoc/>
    public void Dispose() => _lists.Clear();

    private void WriteAll()
    {
        StartList(_seriesCount);
        _series.Rewind();
        while (_series.TryNext(out var reference, out _))
        {
            _file.WriteUInt32(reference);
            Step();
        }

        _file.WriteChecksum();
    }

    private void WriteBatch(ReadOnlySpan<uint> names, IReadOnlyDictionary<uint, int> usesOfNames, int entryCount)
    {
        using var entries = new NativeArray<ulong>(entryCount);
        var slots = new Dictionary<uint, int>(names.Length);
        // Where the next entry of each name goes; after the walk, where its entries end.
        var ends = new int[names.Length];
        var next = 0;
        for (var slot = 0; slot < names.Length; slot++)
        {
            slots.Add(names[slot], slot);
            ends[slot] = next;
            next += usesOfNames[names[slot]];
        }

        Collect(slots, ends, entries.Span);
        var start = 0;
        for (var slot = 0; slot < names.Length; slot++)
        {
            _pause();
            WriteName(names[slot], entries.Span[start..ends[slot]]);
            start = ends[slot];
        }
    }

    private void Collect(Dictionary<uint, int> slots, int[] ends, Span<ulong> entries)
    {
        _series.Rewind();
        while (_series.TryNext(out var reference, out var entry))
        {
            Step();
            var reader = new ByteReader(entry);
            reader.TryReadUvarint(out var labelCount);
            for (; labelCount > 0; labelCount--)
            {
                reader.TryReadUvarint(out var name);
                reader.TryReadUvarint(out var value);
                if (slots.TryGetValue((uint)name, out var slot))
                    entries[ends[slot]++] = (value << 32) | reference;
            }
        }
    }

    private void WriteName(uint name, Span<ulong> entries)
    {
        entries.Sort();
        var listCount = 0;
        while (!entries.IsEmpty)
        {
            var value = entries[0] >> 32;
            var length = 1;
            while (length < entries.Length && entries[length] >> 32 == value) length++;
            StartList(length);
            foreach (var entry in entries[..length]) _file.WriteUInt32((uint)entry);
            _file.WriteChecksum();
            Step();
            _lists.Add(((uint)value, (uint)length));
            listCount++;
            entries = entries[length..];
        }

        _names.Add((name, listCount));
    }

    private void Step()
    {
        if (++_steps % PauseEvery == 0) _pause();
    }

    // Lists consist of 32-bit numbers only, so that the next one is aligned without padding.
    private void StartList(int length)
    {
        _file.WriteUInt32(checked((uint)(length + 1) * sizeof(uint)));
        _file.StartChecksum();
        _file.WriteUInt32((uint)length);
    }

    private long WriteTableEntry(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint length, long offset)
    {
        // The number of strings in the key.
        _file.WriteByte(2);
        _file.WriteUvarintBytes(name);
        _file.WriteUvarintBytes(value);
        _file.WriteUvarint((ulong)offset);
        // Length, count, the list, checksum.
        return offset + ((3 + (long)length) * sizeof(uint));
    }
}
