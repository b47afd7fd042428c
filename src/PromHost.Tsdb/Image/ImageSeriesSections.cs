// Hot path: every series of the head passes here once per image.
using PromHost.Chunks;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Writes series, with the label pairs that they need, to a head image. Within an epoch: label pairs keep their
/// numbers. For one thread.
/// </summary>
/// <param name="head">The head.</param>
/// <param name="file">The image.</param>
/// <param name="sectionBytes">The size at which a section ends.</param>
internal sealed class ImageSeriesSections(Head head, IDataFile file, int sectionBytes) : IDisposable
{
    private readonly ImageSection _pairs = new(ImageSectionKind.Pairs);
    private readonly ImageSection _series = new(ImageSectionKind.Series, sectionBytes);
    private readonly byte[] _open = new byte[1 << ChunkBuffers.MaxOrder];

    // By the number of a pair in the head: its number in the image, from 1 on.
    private int[] _numbers = new int[1024];
    private int _lastNumber;

    /// <summary>Series written.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Writes a series, if it can be told here that its record is in the log, and in the log before its samples.
    /// </summary>
    /// <param name="series">The series.</param>
    /// <param name="isLogged">Does the caller know that it is?</param>
    /// <param name="endBytes">Where the image ends; moved.</param>
    /// <returns>False when only the committer can tell.</returns>
    /// <exception cref="ChunkInMemoryException">A full chunk lies in no file: there can be no image.</exception>
    public bool TryAdd(int series, bool isLogged, ref long endBytes)
    {
        head.Store.Read(series, _open, out var snapshot, out var open);
        // What has samples was logged before they were applied.
        if (!isLogged && !(open.IsLogged && (!snapshot.IsEmpty || snapshot.HasOutOfOrder))) return false;
        var data = _series.Data;
        data.WriteUvarint(open.WalRef);
        WritePairs(head.Table.PairsOf(series), data);
        WriteMapped(snapshot.Mapped.AsSpan(0, snapshot.MappedCount), data);
        WriteOpen(ref snapshot, open, data);
        Count++;
        if (_series.IsFull) Flush(ref endBytes);
        return true;
    }

    /// <summary>Writes what is still in memory.</summary>
    public void Flush(ref long endBytes)
    {
        // In this order: whoever reads the series knows their pairs.
        _pairs.WriteTo(file, ref endBytes);
        _series.WriteTo(file, ref endBytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pairs.Dispose();
        _series.Dispose();
    }

    private void WritePairs(ReadOnlySpan<int> pairs, ByteWriter data)
    {
        data.WriteUvarint((ulong)pairs.Length);
        foreach (var pair in pairs)
        {
            if (pair >= _numbers.Length) Array.Resize(ref _numbers, Math.Max(pair + 1, _numbers.Length * 2));
            ref var number = ref _numbers[pair];
            if (number == 0)
            {
                number = ++_lastNumber;
                _pairs.Data.WriteUvarintBytes(head.Index.NameOf(pair).Utf8);
                _pairs.Data.WriteUvarintBytes(head.Index.ValueOf(pair));
            }

            data.WriteUvarint((uint)(number - 1));
        }
    }

    private static void WriteMapped(ReadOnlySpan<MappedChunk> chunks, ByteWriter data)
    {
        data.WriteUvarint((ulong)chunks.Length);
        var (reference, maxTimeMs) = (0UL, 0L);
        foreach (ref readonly var chunk in chunks)
        {
            if (!FullChunks.IsInFile(chunk.Reference)) throw new ChunkInMemoryException();
            data.WriteUvarint(chunk.Reference - reference);
            data.WriteVarint(chunk.MinTimeMs - maxTimeMs);
            data.WriteUvarint((ulong)(chunk.MaxTimeMs - chunk.MinTimeMs));
            (reference, maxTimeMs) = (chunk.Reference, chunk.MaxTimeMs);
        }
    }

    private void WriteOpen(ref SeriesSnapshot snapshot, in OpenChunkState open, ByteWriter data)
    {
        if (snapshot.OpenCount == 0)
        {
            data.WriteByte((byte)ImageOpenChunk.None);
        }
        else if (snapshot.OpenHistograms is { } histograms)
        {
            var kind = open.HasPredictedEnd ? ImageOpenChunk.HistogramsWithPredictedEnd : ImageOpenChunk.Histograms;
            data.WriteByte((byte)kind);
            WriteTimes(ref snapshot, open.CutAtMs, data);
            data.WriteByte(snapshot.OpenEncoding);
            data.WriteUvarint((ulong)snapshot.OpenLength);
            var copy = data.GetSpan(snapshot.OpenLength)[..snapshot.OpenLength];
            histograms.AsSpan(0, snapshot.OpenLength).CopyTo(copy);
            // The chunk grows on: its header may count samples that came later.
            ChunkEncodings.WriteCount(snapshot.OpenEncoding, copy, snapshot.OpenCount);
            data.Advance(snapshot.OpenLength);
        }
        else
        {
            data.WriteByte((byte)ImageOpenChunk.Floats);
            // Just when the end is about to be predicted it may be the predicted one already: it is predicted again.
            var cutAtMs = snapshot.OpenCount == SeriesAppender.PredictAtSamples
                ? ChunkEnd.OfBlock(snapshot.OpenMinTimeMs, head.Appender.BlockRangeMs)
                : open.CutAtMs;
            WriteTimes(ref snapshot, cutAtMs, data);
            open.Encoder.WriteState(data.GetSpan(XorChunkEncoder.StateBytes));
            data.Advance(XorChunkEncoder.StateBytes);
            data.WriteBytes(_open.AsSpan(0, snapshot.OpenLength));
        }
    }

    private static void WriteTimes(ref SeriesSnapshot snapshot, long cutAtMs, ByteWriter data)
    {
        data.WriteVarint(snapshot.OpenMinTimeMs);
        data.WriteVarint(cutAtMs - snapshot.OpenMinTimeMs);
    }
}
