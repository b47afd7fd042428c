using System.Runtime.InteropServices;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The series of a block in the order of their labels, with the chunks that are not deleted: whole ones as they lie in
/// the block's files, those of which samples are deleted encoded anew, and those of a series in which they overlap or
/// do not ascend. Whoever reads it keeps the block open, see
/// <see cref="BlockSet"/>; what is deleted meanwhile is not seen.
/// </summary>
internal sealed class BlockChunkSource : ChunkSeriesSource
{
    // As much of the block's files as may stay in memory behind the reader.
    private const int MaxReadSeries = 8 * 1024;
    private const ulong MaxReadBytes = 512 * 1024;

    private readonly Block _block;
    private readonly Tombstones _tombstones;
    private readonly TimeInterval _range;
    private readonly PostingsPlace _all;
    private readonly ChunkCutter _cutter = new();
    private readonly ChunkReorder _reorder = new();
    private int _next;

    // What lies before was read, and its memory given back.
    private uint _forgottenSeries;
    private ulong _forgottenChunks;

    /// <summary>Begins before the first series.</summary>
    /// <param name="block">The block.</param>
    /// <exception cref="StorageReadException">The list of all series is damaged.</exception>
    public BlockChunkSource(Block block)
        : this(block, block.Range)
    {
    }

    /// <summary>Begins before the first series.</summary>
    /// <param name="block">The block.</param>
    /// <param name="range">
    /// What is outside is left out: when blocks are merged, a chunk may lie outside of its own block's range.
    /// </param>
    /// <exception cref="StorageReadException">The list of all series is damaged.</exception>
    public BlockChunkSource(Block block, TimeInterval range)
    {
        _block = block;
        _tombstones = block.Tombstones;
        _range = range;
        try
        {
            _all = block.Index.Postings.CheckAll();
        }
        catch (CorruptDataException error)
        {
            throw _block.Unreadable(error);
        }
    }

    /// <inheritdoc/>
    public override IEnumerable<ReadOnlyMemory<byte>> Symbols => _block.Index.Symbols.All();

    /// <inheritdoc/>
    public override bool TryReadNext(out Labels labels, List<EncodedChunk> chunks)
    {
        try
        {
            while (_next < _all.Count)
            {
                var series = _block.Index.Postings.Get(_all)[_next++];
                if (_next % MaxReadSeries == 0) ForgetSeries(series);
                var entry = _block.Index.ReadSeries(series);
                labels = _block.Index.ReadLabels(series, entry, out var list);
                chunks.Clear();
                _cutter.Release();
                _reorder.Release();
                ReadChunks(series, entry[list..], chunks);
                if (chunks.Count > 0) return true;
            }
        }
        catch (CorruptDataException error)
        {
            throw _block.Unreadable(error);
        }

        chunks.Clear();
        labels = Labels.Empty;
        return false;
    }

    private void ReadChunks(uint series, ReadOnlySpan<byte> list, List<EncodedChunk> chunks)
    {
        var deleted = _tombstones.Of(series);
        var reader = new SeriesChunkReader(list);
        while (reader.MoveNext())
        {
            var chunk = reader.Current;
            if (chunk.MaxTimeMs < _range.MinTimeMs || chunk.MinTimeMs > _range.MaxTimeMs ||
                DeletedIntervals.Cover(deleted, chunk.MinTimeMs, chunk.MaxTimeMs))
                continue;
            var data = _block.Chunks.ReadMemory(chunk.Reference, out var encoding);
            if (chunk.Reference > _forgottenChunks && chunk.Reference - _forgottenChunks > MaxReadBytes)
                ForgetChunks(chunk.Reference);
            if (chunk.MinTimeMs >= _range.MinTimeMs && chunk.MaxTimeMs <= _range.MaxTimeMs &&
                !DeletedIntervals.Touch(deleted, chunk.MinTimeMs, chunk.MaxTimeMs))
            {
                chunks.Add(new EncodedChunk(chunk.MinTimeMs, chunk.MaxTimeMs, encoding, data));
                continue;
            }

            if (!_cutter.TryCut(encoding, data.Span, _range, deleted, chunks))
                throw _block.Index.Corrupt(series, $"a chunk of encoding {encoding} cannot be decoded");
        }

        if (reader.IsCorrupt) throw _block.Index.Corrupt(series, "the list of chunks of a series is damaged");
        if (ChunkReorder.IsNeeded(CollectionsMarshal.AsSpan(chunks)) && !_reorder.TryRun(chunks))
            throw _block.Index.Corrupt(series, "a chunk cannot be decoded");
    }

    // Series lie in the order of their labels, and so do their chunks: what is behind is not needed again.
    private void ForgetSeries(uint series)
    {
        _block.Index.Forget(_forgottenSeries, series);
        _forgottenSeries = series;
    }

    private void ForgetChunks(ulong reference)
    {
        _block.Chunks.Forget(_forgottenChunks, reference);
        _forgottenChunks = reference;
    }
}
