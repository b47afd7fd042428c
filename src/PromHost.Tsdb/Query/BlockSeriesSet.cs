// Hot path: queries read samples of blocks here.
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>The series of one selection from a block, in the order of their labels.</summary>
internal sealed class BlockSeriesSet : SeriesSet
{
    private readonly Block _block;
    private readonly Tombstones _tombstones;
    private readonly uint[] _series;
    private readonly TimeInterval _range;
    private int _next;

    /// <summary>Begins before the first series.</summary>
    /// <param name="block">The block.</param>
    /// <param name="tombstones">What is deleted of it.</param>
    /// <param name="series">The refs of the series, ascending.</param>
    /// <param name="range">Series without a chunk in it are left out.</param>
    public BlockSeriesSet(Block block, Tombstones tombstones, uint[] series, TimeInterval range)
    {
        _block = block;
        _tombstones = tombstones;
        _series = series;
        _range = range;
    }

    /// <inheritdoc/>
    public override int CountEstimate => _series.Length;

    /// <inheritdoc/>
    public override int ReadNext(Span<SeriesEntry> batch)
    {
        try
        {
            var filled = 0;
            while (filled < batch.Length && _next < _series.Length)
            {
                var series = _series[_next++];
                var entry = _block.Index.ReadSeries(series);
                if (!_block.Cache.TryGetLabels(series, out var labels, out var list))
                {
                    labels = _block.Index.ReadLabels(series, entry, out list);
                    _block.Cache.AddLabels(series, labels, list);
                }

                if (HasChunks(series, entry[list..], _range))
                    batch[filled++] = new SeriesEntry(labels, this, ((long)list << 32) | series);
            }

            return filled;
        }
        catch (CorruptDataException error)
        {
            throw _block.Unreadable(error);
        }
    }

    /// <inheritdoc/>
    public override LatestSample TryReadLatest(
        in SeriesEntry series, long minTimeMs, long maxTimeMs, out FloatSample latest)
    {
        latest = default;
        if (minTimeMs > maxTimeMs) return LatestSample.None;
        try
        {
            var number = (uint)series.Handle;
            var list = _block.Index.ReadSeries(number)[(int)(series.Handle >> 32)..];
            var range = new TimeInterval(minTimeMs, maxTimeMs);
            return HasChunks(number, list, range) ? LatestSample.Unknown : LatestSample.None;
        }
        catch (CorruptDataException error)
        {
            throw _block.Unreadable(error);
        }
    }

    /// <inheritdoc/>
    public override void ReadSamples(in SeriesEntry series, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        if (minTimeMs > maxTimeMs) return;
        try
        {
            var number = (uint)series.Handle;
            var list = _block.Index.ReadSeries(number)[(int)(series.Handle >> 32)..];
            ReadChunks(number, list, new TimeInterval(minTimeMs, maxTimeMs), columns);
        }
        catch (CorruptDataException error)
        {
            throw new StorageReadException($"series {series.Labels}: {_block.Unreadable(error).Message}", error);
        }
    }

    private bool HasChunks(uint series, ReadOnlySpan<byte> list, TimeInterval range)
    {
        var reader = new SeriesChunkReader(list);
        while (reader.MoveNext())
        {
            var chunk = reader.Current;
            // None is the last one: they may go back in time.
            if (chunk.MaxTimeMs < range.MinTimeMs || chunk.MinTimeMs > range.MaxTimeMs) continue;
            if (!DeletedIntervals.Cover(_tombstones.Of(series), chunk.MinTimeMs, chunk.MaxTimeMs)) return true;
        }

        if (reader.IsCorrupt) throw _block.Index.Corrupt(series, "the list of chunks of a series is damaged");
        return false;
    }

    private void ReadChunks(uint series, ReadOnlySpan<byte> list, TimeInterval range, SampleColumns columns)
    {
        var first = columns.Count;
        var isAscending = true;
        var deleted = _tombstones.Of(series);
        var reader = new SeriesChunkReader(list);
        while (reader.MoveNext())
        {
            var chunk = reader.Current;
            if (chunk.MaxTimeMs < range.MinTimeMs || chunk.MinTimeMs > range.MaxTimeMs) continue;
            if (DeletedIntervals.Cover(deleted, chunk.MinTimeMs, chunk.MaxTimeMs)) continue;
            var start = columns.Count;
            var data = _block.Chunks.Read(chunk.Reference, out var encoding);
            if (!ChunkColumns.TryAppend(encoding, data, range.MinTimeMs, range.MaxTimeMs, columns))
                throw _block.Index.Corrupt(series, $"a chunk of encoding {encoding} cannot be decoded");
            isAscending &= start == first || start == columns.Count ||
                columns.TimestampsMs[start] > columns.TimestampsMs[start - 1];
        }

        if (reader.IsCorrupt) throw _block.Index.Corrupt(series, "the list of chunks of a series is damaged");
        if (!isAscending) ColumnOrder.Restore(columns, first);
        if (!deleted.IsEmpty) DeletedIntervals.Remove(deleted, columns, first);
    }
}
