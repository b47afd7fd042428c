using System.Buffers.Binary;
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Walks the series of an index: checksums, labels and their order, chunks and their samples.</summary>
internal sealed class SeriesVerify
{
    private const int ChecksumBytes = 4;
    private const int MaxLabels = 1 << 16;

    private readonly IndexFile _file;
    private readonly long _start;
    private readonly long _end;
    private readonly IndexSymbols? _symbols;
    private readonly ChunkFilesVerify _chunks;
    private readonly BlockMeta? _meta;
    private readonly ProblemList _problems;
    private readonly List<uint> _refs = [];
    private readonly SampleColumns _columns = new();
    private Labels? _lastLabels;
    private long _samples;
    private long _floats;
    private long _chunkCount;

    public SeriesVerify(
        IndexFile file, long start, long end, IndexSymbols? symbols, ChunkFilesVerify chunks, BlockMeta? meta,
        ProblemList problems)
    {
        _file = file;
        _start = start;
        _end = end;
        _symbols = symbols;
        _chunks = chunks;
        _meta = meta;
        _problems = problems;
    }

    /// <summary>The sound series, ascending.</summary>
    public IReadOnlyList<uint> Refs => _refs;

    /// <summary>Labels of all sound series.</summary>
    public long LabelCount { get; private set; }

    /// <summary>Were all series and chunks readable?</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>What was counted.</summary>
    public BlockStats Stats => new(_samples, _refs.Count, _chunkCount)
    {
        FloatSamples = _floats,
        HistogramSamples = _samples - _floats,
    };

    /// <summary>Walks all series.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        for (var offset = AlignChecked(_start); offset < _end; offset = AlignChecked(offset))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!TryReadEntry(offset, out var entry, out var next)) return;
            if (Crc32C.Compute(entry) != BinaryPrimitives.ReadUInt32BigEndian(_file.Slice(next - ChecksumBytes, next)))
                Add(offset, "the checksum of a series does not match");
            else if (TryCheckLabels(offset, entry, out var list))
                CheckChunks(offset, entry[list..]);
            offset = next;
        }
    }

    /// <summary>The entry of one of <see cref="Refs"/>.</summary>
    public ReadOnlySpan<byte> Entry(uint series)
    {
        TryReadEntry(series * (long)BlockFormat.SeriesUnitBytes, out var entry, out _);
        return entry;
    }

    private long AlignChecked(long offset)
    {
        var next = (offset + BlockFormat.SeriesUnitBytes - 1) & -BlockFormat.SeriesUnitBytes;
        var padding = _file.Slice(offset, Math.Min(next, _file.SizeBytes));
        if (offset < _end && padding.ContainsAnyExcept((byte)0)) Note(offset, "the padding is not zero");
        return next;
    }

    private bool TryReadEntry(long offset, out ReadOnlySpan<byte> entry, out long next)
    {
        var rest = _file.Slice(offset, _end);
        if (!Varint.TryReadUnsigned(rest, out var length, out var lengthBytes) ||
            length > (ulong)Math.Max(0, rest.Length - lengthBytes - ChecksumBytes))
        {
            Add(offset, "a series is longer than the section");
            entry = default;
            next = 0;
            return false;
        }

        entry = rest.Slice(lengthBytes, (int)length);
        next = offset + lengthBytes + entry.Length + ChecksumBytes;
        return true;
    }

    private bool TryCheckLabels(long offset, ReadOnlySpan<byte> entry, out int list)
    {
        list = 0;
        var reader = new ByteReader(entry);
        if (!reader.TryReadUvarint(out var count)) return Add(offset, "a series has no number of labels");
        if (count > MaxLabels) return Add(offset, $"a series cannot have {count} labels");
        var builder = new LabelsBuilder();
        ReadOnlySpan<byte> previous = default;
        var isSorted = true;
        for (var i = 0UL; i < count; i++)
        {
            if (!reader.TryReadUvarint(out var name) || !reader.TryReadUvarint(out var value))
                return Add(offset, "the labels of a series are cut short");
            if (_symbols is not { } symbols) continue;
            if (Math.Max(name, value) >= (ulong)symbols.Count)
                return Add(offset, $"a series refers to symbol {Math.Max(name, value)}, which is not there");
            var nameText = symbols.Get((uint)name);
            var valueText = symbols.Get((uint)value);
            if (Math.Max(nameText.Length, valueText.Length) > Labels.MaxPartSizeBytes)
                return Add(offset, "a label of a series is too long");
            isSorted &= !valueText.IsEmpty && (i == 0 || nameText.SequenceCompareTo(previous) > 0);
            builder.Set(nameText, valueText);
            previous = nameText;
        }

        list = reader.Position;
        _refs.Add((uint)(offset / BlockFormat.SeriesUnitBytes));
        LabelCount += (long)count;
        if (_symbols is not null) CheckOrder(offset, builder.ToLabels(), isSorted);
        return true;
    }

    private void CheckOrder(long offset, Labels labels, bool isSorted)
    {
        if (!isSorted) Note(offset, $"the labels of series {labels} are not sorted, or one is empty");
        if (_lastLabels is { } last && labels.CompareTo(last) <= 0)
            Note(offset, $"series {labels} is not behind the one before it");
        _lastLabels = labels;
    }

    private void CheckChunks(long offset, ReadOnlySpan<byte> list)
    {
        var reader = new SeriesChunkReader(list);
        SeriesChunk? last = null;
        while (reader.MoveNext())
        {
            var chunk = reader.Current;
            if (last is { } before && chunk.MinTimeMs <= before.MaxTimeMs)
                Accept(offset, $"the chunks of a series overlap or go back in time at {chunk.MinTimeMs}");
            if (last is { } lower && chunk.Reference <= lower.Reference)
                Accept(offset, "the references to the chunks of a series do not ascend");
            if (_meta is { } meta && (chunk.MinTimeMs < meta.MinTimeMs || chunk.MaxTimeMs >= meta.MaxTimeMs))
                Accept(offset, $"a chunk from {chunk.MinTimeMs} to {chunk.MaxTimeMs} lies outside of the block");
            last = chunk;
            _chunkCount++;
            if (_chunks.TryRead(chunk.Reference, out var encoding, out var data))
                CheckSamples(offset, chunk, encoding, data);
            else
                IsComplete = false;
        }

        if (reader.IsCorrupt) Add(offset, "the chunks of a series are cut short");
        else if (last is null) Note(offset, "a series has no chunk");
    }

    private void CheckSamples(long offset, SeriesChunk chunk, byte encoding, ReadOnlySpan<byte> data)
    {
        var what = $"chunk {chunk.Reference >> 32:D}/{(uint)chunk.Reference} (encoding {encoding})";
        _columns.Clear();
        if (!ChunkEncodings.TryReadCount(encoding, data, out var count) ||
            !ChunkColumns.TryAppend(encoding, data, long.MinValue, long.MaxValue, _columns) || _columns.Count != count)
        {
            Add(offset, $"{what} cannot be decoded");
            return;
        }

        _samples += count;
        if (ChunkEncodings.IsFloat(encoding)) _floats += count;
        var times = _columns.TimestampsMs;
        for (var i = 1; i < times.Length; i++)
        {
            if (times[i] > times[i - 1]) continue;
            Note(offset, $"{what}: the timestamps do not ascend at {times[i]}");
            return;
        }

        if (times[0] == chunk.MinTimeMs && times[^1] == chunk.MaxTimeMs) return;
        var message = $"{what} holds samples from {times[0]} to {times[^1]}, the index says {chunk.MinTimeMs} to " +
            $"{chunk.MaxTimeMs}";
        // Queries pass over what lies outside of what the index says.
        if (times[0] < chunk.MinTimeMs || times[^1] > chunk.MaxTimeMs) Note(offset, message);
        else Accept(offset, message);
    }

    // What is read as if it was right.
    private void Accept(long offset, string message) => _problems.Note(_file.Path, offset, message);

    // What could be read and is wrong.
    private void Note(long offset, string message) => _problems.Add(_file.Path, offset, message);

    // What could not be read.
    private bool Add(long offset, string message)
    {
        IsComplete = false;
        _problems.Add(_file.Path, offset, message);
        return false;
    }
}
