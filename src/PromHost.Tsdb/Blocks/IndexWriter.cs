// Hot path: compaction writes every series through it.
using System.Runtime.InteropServices;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Writes the index of a block, version 2 (<c>docs/formats/block-index.md</c>), in one go: symbols, series, postings,
/// the table of the postings, the table of contents. Label indices are left out, as in Prometheus 3.14; no reader of
/// version 2 looks at them. In memory it holds about 12 bytes per symbol, 8 per label pair, and a bounded batch of
/// postings; for one thread.
/// </summary>
internal sealed class IndexWriter : IDisposable
{
    private const long MaxSymbolsBytes = uint.MaxValue;
    private const int PauseEvery = 4096;
    private const int DefaultBatchEntries = 2 * 1024 * 1024;

    private readonly IDataDirectory _directory;
    private readonly int _batchEntries;
    private readonly BlockFileWriter _file;
    private readonly Dictionary<uint, int> _usesOfNames = [];
    private readonly ByteWriter _entry = new();
    private readonly List<LabelSlot> _lastSlots = [];
    private SymbolNumbers? _symbols;
    private Labels _lastLabels;
    private long _symbolsStart;
    private long _seriesStart;
    private int _seriesCount;

    /// <summary>Creates the file; an <see cref="IOException"/> when it exists.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">Path of the file.</param>
    /// <param name="batchEntries">Postings to hold in memory at once, 8 bytes each.</param>
    public IndexWriter(IDataDirectory directory, string path, int batchEntries = DefaultBatchEntries)
    {
        _directory = directory;
        _batchEntries = batchEntries;
        _file = new BlockFileWriter(directory, path);
        _file.WriteUInt32(BlockFormat.IndexMagic);
        _file.WriteByte(BlockFormat.IndexVersion);
    }

    /// <summary>Writes the symbol table; the first step.</summary>
    /// <param name="symbols">All names and values of the series to come, ascending by their bytes, each once.</param>
    /// <param name="pause">Called every few thousand symbols; what it throws ends the writing.</param>
    /// <exception cref="CorruptDataException">They are not ascending.</exception>
    public void WriteSymbols(IEnumerable<ReadOnlyMemory<byte>> symbols, Action pause)
    {
        _symbolsStart = _file.PositionBytes;
        // Length and count, known at the end only.
        _file.WriteUInt64(0);
        var start = _file.PositionBytes;
        var count = 0;
        ReadOnlySpan<byte> previous = default;
        using var last = new ByteWriter();
        foreach (var symbol in symbols)
        {
            if (count > 0 && symbol.Span.SequenceCompareTo(previous) <= 0)
                throw new CorruptDataException($"the label text {GoText.Quote(symbol.Span)} is out of order");
            if (++count % PauseEvery == 0) pause();
            _file.WriteUvarintBytes(symbol.Span);
            last.Clear();
            last.WriteBytes(symbol.Span);
            previous = last.WrittenSpan;
        }

        FinishSymbols(start, count, pause);
    }

    /// <summary>Writes a series; behind the one before it in the order of the labels.</summary>
    /// <param name="labels">Its labels.</param>
    /// <param name="chunks">Its chunks, ascending and not overlapping, at least one.</param>
    /// <param name="references">Where each chunk is.</param>
    /// <exception cref="CorruptDataException">The order is violated, or a label has no symbol.</exception>
    public void AddSeries(Labels labels, ReadOnlySpan<EncodedChunk> chunks, ReadOnlySpan<ulong> references)
    {
        if (_seriesCount > 0 && labels.CompareTo(_lastLabels) <= 0)
            throw new CorruptDataException($"series {labels} comes after {_lastLabels}, which is not its order");
        _lastLabels = labels;
        _entry.Clear();
        WriteLabels(labels);
        WriteChunks(labels, chunks, references);

        _file.AlignTo(BlockFormat.SeriesUnitBytes);
        if (_file.PositionBytes / BlockFormat.SeriesUnitBytes > uint.MaxValue)
            throw new IOException($"{_file.Path}: an index cannot hold more than 64 GiB");
        _seriesCount++;
        _file.WriteUvarint((ulong)_entry.Length);
        _file.StartChecksum();
        _file.WriteBytes(_entry.WrittenSpan);
        _file.WriteChecksum();
    }

    /// <summary>Writes all that follows the series and makes the file survive a power cut; the last step.</summary>
    /// <param name="pause">Called every few thousand postings; what it throws ends the writing.</param>
    public void Finish(Action pause)
    {
        if (_symbols is not { } symbols) throw new InvalidOperationException("the symbols come first");
        var seriesEnd = _file.PositionBytes;
        _file.Flush();
        using (var series = new WrittenSeries(_directory.Map(_file.Path, seriesEnd), _seriesStart, seriesEnd))
        using (var postings = new PostingsWriter(_file, symbols, series, _seriesCount, pause))
        {
            postings.WriteLists(_usesOfNames, _batchEntries);
            var tableStart = _file.PositionBytes;
            postings.WriteTable();
            WriteContents(seriesEnd, postings.StartBytes, tableStart);
        }

        _file.Sync();
    }

    /// <summary>Closes the file; without <see cref="Finish"/> it is of no use.</summary>
    public void Dispose()
    {
        _symbols?.Dispose();
        _entry.Dispose();
        _file.Dispose();
    }

    // The checksum covers the count, which stands before the symbols: it is computed from the mapped file.
    private void FinishSymbols(long start, int count, Action pause)
    {
        var end = _file.PositionBytes;
        if (end - _symbolsStart - sizeof(uint) > MaxSymbolsBytes)
            throw new IOException($"{_file.Path}: a symbol table cannot hold more than 4 GiB");
        _file.Patch(_symbolsStart, (uint)(end - _symbolsStart - sizeof(uint)));
        _file.Patch(_symbolsStart + sizeof(uint), (uint)count);
        var map = _directory.Map(_file.Path, end);
        _symbols = new SymbolNumbers(map, start, count);
        var checksum = 0u;
        for (var from = _symbolsStart + sizeof(uint); from < end;)
        {
            var part = map.Slice(from, (int)Math.Min(end - from, int.MaxValue));
            checksum = Crc32C.Append(checksum, part);
            from += part.Length;
        }

        _file.WriteUInt32(checksum);
        _seriesStart = _file.PositionBytes;
        _symbols.Fill(pause);
    }

    // Series come sorted: most labels of one are at the same place in the one before it.
    private void WriteLabels(Labels labels)
    {
        var symbols = _symbols ?? throw new InvalidOperationException("the symbols come first");
        _entry.WriteUvarint((ulong)labels.Count);
        var index = 0;
        foreach (var label in labels)
        {
            if (index == _lastSlots.Count)
                _lastSlots.Add(default);
            var slot = _lastSlots[index];
            if (!slot.HasName || !symbols[slot.Name].SequenceEqual(label.Name))
                slot = new LabelSlot(Find(symbols, label.Name), 0, HasName: true, HasValue: false);
            if (!slot.HasValue || !symbols[slot.Value].SequenceEqual(label.Value))
                slot = slot with { Value = Find(symbols, label.Value), HasValue = true };
            _lastSlots[index++] = slot;
            _entry.WriteUvarint(slot.Name);
            _entry.WriteUvarint(slot.Value);
            CollectionsMarshal.GetValueRefOrAddDefault(
                _usesOfNames, slot.Name, out _)++;
        }
    }

    private static uint Find(SymbolNumbers symbols, ReadOnlySpan<byte> text) =>
        symbols.TryFind(text, out var number)
            ? number
            : throw new CorruptDataException($"the label text {GoText.Quote(text)} is not among the symbols");

    private void WriteChunks(Labels labels, ReadOnlySpan<EncodedChunk> chunks, ReadOnlySpan<ulong> references)
    {
        _entry.WriteUvarint((ulong)chunks.Length);
        for (var i = 0; i < chunks.Length; i++)
        {
            var (min, max) = (chunks[i].MinTimeMs, chunks[i].MaxTimeMs);
            if (max < min || (i > 0 && min <= chunks[i - 1].MaxTimeMs))
                throw new CorruptDataException($"series {labels}: chunk {min} to {max} overlaps or is out of order");
            if (i == 0) _entry.WriteVarint(min);
            else _entry.WriteUvarint((ulong)(min - chunks[i - 1].MaxTimeMs));
            _entry.WriteUvarint((ulong)(max - min));
            if (i == 0) _entry.WriteUvarint(references[i]);
            else _entry.WriteVarint((long)(references[i] - references[i - 1]));
        }
    }

    private void WriteContents(long seriesEnd, long postingsStart, long tableStart)
    {
        _file.StartChecksum();
        _file.WriteUInt64((ulong)_symbolsStart);
        _file.WriteUInt64((ulong)_seriesStart);
        // Label indices would lie here; their table is taken to be empty where it meets the next section.
        _file.WriteUInt64((ulong)seriesEnd);
        _file.WriteUInt64((ulong)tableStart);
        _file.WriteUInt64((ulong)postingsStart);
        _file.WriteUInt64((ulong)tableStart);
        _file.WriteChecksum();
    }

    private readonly record struct LabelSlot(uint Name, uint Value, bool HasName, bool HasValue);
}
