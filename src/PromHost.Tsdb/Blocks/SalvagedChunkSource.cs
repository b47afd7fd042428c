using System.Buffers.Binary;
using System.Runtime.InteropServices;
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// What is sound of a damaged block: series whose entry and labels are, with those of their chunks that are. Needs the
/// index's table of contents and symbols; postings are not read. What is deleted of the block is left out.
/// </summary>
internal sealed class SalvagedChunkSource : ChunkSeriesSource
{
    private const int ChecksumBytes = 4;

    private readonly IndexFile _file;
    private readonly IndexSymbols _symbols;
    private readonly ChunkFilesVerify _chunks;
    private readonly Tombstones _tombstones;
    private readonly long _end;
    private readonly SampleColumns _columns = new();
    private readonly ChunkCutter _cutter = new();
    private readonly ChunkReorder _reorder = new();
    private readonly LabelsBuilder _labels = new();
    private Labels _last;
    private long _offset;
    private bool _isInDamage;

    /// <summary>Opens a block.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">The block's directory below it.</param>
    /// <param name="tombstones">What is deleted of it.</param>
    /// <exception cref="CorruptDataException">There is no telling what its series are.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public SalvagedChunkSource(IDataDirectory directory, string path, Tombstones tombstones)
    {
        _tombstones = tombstones;
        _chunks = new ChunkFilesVerify(directory, $"{path}/{BlockFormat.ChunksDirectory}", new ProblemList());
        _file = IndexFile.Open(directory, $"{path}/{BlockFormat.IndexFile}");
        try
        {
            var contents = IndexContents.Read(_file);
            _symbols = IndexSymbols.Open(_file, contents.Symbols);
            _chunks.Run(CancellationToken.None);
            _offset = contents.Series;
            _end = contents.SeriesEnd;
        }
        catch
        {
            Dispose(disposing: true);
            throw;
        }
    }

    /// <summary>Stretches of the index that held one or more series, and whole series without a sound chunk.</summary>
    public long LostSeries { get; private set; }

    /// <summary>Chunks of sound series that are lost.</summary>
    public long LostChunks { get; private set; }

    /// <inheritdoc/>
    public override IEnumerable<ReadOnlyMemory<byte>> Symbols => _symbols.All();

    /// <inheritdoc/>
    public override bool TryReadNext(out Labels labels, List<EncodedChunk> chunks)
    {
        while (TryReadEntry(out var series, out var entry))
        {
            chunks.Clear();
            _cutter.Release();
            _reorder.Release();
            if (!TryReadLabels(entry, out labels, out var list) || labels.CompareTo(_last) <= 0)
            {
                LostSeries++;
                continue;
            }

            _last = labels;
            var lost = LostChunks;
            ReadChunks(series, entry[list..], chunks);
            if (chunks.Count > 0) return true;
            // With nothing lost, all of it is deleted.
            if (LostChunks > lost) LostSeries++;
        }

        chunks.Clear();
        labels = Labels.Empty;
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _file.Dispose();
        _chunks.Dispose();
        base.Dispose(disposing);
    }

    // Entries begin at multiples of their unit: behind damage the next one that is sound goes on.
    private bool TryReadEntry(out uint series, out ReadOnlySpan<byte> entry)
    {
        while ((_offset = Align(_offset)) < _end)
        {
            series = (uint)(_offset / BlockFormat.SeriesUnitBytes);
            var rest = _file.Slice(_offset, _end);
            if (Varint.TryReadUnsigned(rest, out var length, out var lengthBytes) && length > 0 &&
                length <= (ulong)Math.Max(0, rest.Length - lengthBytes - ChecksumBytes))
            {
                entry = rest.Slice(lengthBytes, (int)length);
                var checksum = BinaryPrimitives.ReadUInt32BigEndian(rest[(lengthBytes + entry.Length)..]);
                if (checksum == Crc32C.Compute(entry))
                {
                    _offset += lengthBytes + entry.Length + ChecksumBytes;
                    _isInDamage = false;
                    return true;
                }
            }

            if (!_isInDamage) LostSeries++;
            _isInDamage = true;
            _offset++;
        }

        series = 0;
        entry = default;
        return false;
    }

    private static long Align(long offset) =>
        (offset + BlockFormat.SeriesUnitBytes - 1) & -BlockFormat.SeriesUnitBytes;

    private bool TryReadLabels(ReadOnlySpan<byte> entry, out Labels labels, out int list)
    {
        labels = Labels.Empty;
        list = 0;
        var reader = new ByteReader(entry);
        if (!reader.TryReadUvarint(out var count)) return false;
        _labels.Reset();
        for (; count > 0; count--)
        {
            if (!reader.TryReadUvarint(out var name) || !reader.TryReadUvarint(out var value) ||
                Math.Max(name, value) >= (ulong)_symbols.Count)
                return false;
            var nameText = _symbols.Get((uint)name);
            var valueText = _symbols.Get((uint)value);
            if (Math.Max(nameText.Length, valueText.Length) > Labels.MaxPartSizeBytes) return false;
            _labels.Set(nameText, valueText);
        }

        list = reader.Position;
        labels = _labels.ToLabels();
        return true;
    }

    private void ReadChunks(uint series, ReadOnlySpan<byte> list, List<EncodedChunk> chunks)
    {
        var deleted = _tombstones.Of(series);
        var reader = new SeriesChunkReader(list);
        while (reader.MoveNext())
        {
            var chunk = reader.Current;
            if (!_chunks.TryRead(chunk.Reference, out var encoding, out var data) ||
                !IsSound(encoding, data, out var minMs, out var maxMs))
            {
                LostChunks++;
                continue;
            }

            if (DeletedIntervals.Cover(deleted, minMs, maxMs)) continue;
            if (!DeletedIntervals.Touch(deleted, minMs, maxMs))
                chunks.Add(new EncodedChunk(minMs, maxMs, encoding, data.ToArray()));
            else if (!_cutter.TryCut(encoding, data, new TimeInterval(minMs, maxMs), deleted, chunks))
                LostChunks++;
        }

        if (reader.IsCorrupt) LostChunks++;
        // All of them can be decoded.
        if (ChunkReorder.IsNeeded(CollectionsMarshal.AsSpan(chunks))) _reorder.TryRun(chunks);
    }

    private bool IsSound(byte encoding, ReadOnlySpan<byte> data, out long minMs, out long maxMs)
    {
        (minMs, maxMs) = (0, 0);
        _columns.Clear();
        if (!ChunkEncodings.TryReadCount(encoding, data, out var count) || count == 0 ||
            !ChunkColumns.TryAppend(encoding, data, long.MinValue, long.MaxValue, _columns) || _columns.Count != count)
            return false;
        var times = _columns.TimestampsMs;
        (minMs, maxMs) = (times[0], times[^1]);
        for (var i = 1; i < times.Length; i++)
        {
            if (times[i] <= times[i - 1]) return false;
        }

        return true;
    }
}
