// Hot path: compaction writes every block with it.
using System.Runtime.InteropServices;
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Writes blocks. A block appears as a whole or not at all: it is written to a directory of a temporary name, which
/// Prometheus and we remove at a start, everything is synced, then the directory is renamed. Thread-safe.
/// </summary>
/// <param name="directory">The data directory.</param>
/// <param name="time">Where the names' times come from.</param>
/// <param name="random">Where the names' random bits come from; thread-safe, as <see cref="Random.Shared"/>.</param>
internal sealed class BlockWriter(IDataDirectory directory, TimeProvider time, Random random)
{
    private const int PauseEvery = 256;

    /// <summary>Writes a block.</summary>
    /// <param name="source">
    /// The series, cut to the block's range; read once. The caller disposes of it.
    /// </param>
    /// <param name="options">What the block is to be.</param>
    /// <param name="cancellationToken">Ends the writing; nothing is left then.</param>
    /// <returns>What was written, or null when there was no sample.</returns>
    /// <exception cref="DiskFullException">There was no room; nothing is left.</exception>
    /// <exception cref="IOException">The disk failed; nothing is left, as far as the disk lets us.</exception>
    /// <exception cref="CorruptDataException">The source breaks its promises on order; nothing is left.</exception>
    /// <exception cref="StorageReadException">The source cannot read its data; nothing is left.</exception>
    public BlockMeta? Write(ChunkSeriesSource source, BlockWriteOptions options, CancellationToken cancellationToken)
    {
        var id = Ulid.Create(time, random);
        var path = options.Folder.Length == 0 ? id.ToString() : $"{options.Folder}/{id}";
        var temporary = path + BlockSet.CreationSuffix;
        var isNamed = false;
        try
        {
            var stats = WriteContent(source, temporary, options, cancellationToken);
            if (stats.Samples == 0)
            {
                directory.Delete(temporary);
                return null;
            }

            var meta = Describe(id, options, stats);
            BlockMetaFile.Write(directory, $"{temporary}/{BlockMetaFile.FileName}", meta);
            TombstonesFile.Write(directory, $"{temporary}/{TombstonesFile.FileName}", Tombstones.None);
            cancellationToken.ThrowIfCancellationRequested();
            directory.Rename(temporary, path);
            isNamed = true;
            directory.SyncDirectory(options.Folder);
            return meta;
        }
        catch
        {
            // The block too, if it got its name: whoever sees the error takes it that there is none.
            DeleteQuietly(isNamed ? path : temporary);
            throw;
        }
    }

    private static BlockMeta Describe(Ulid id, BlockWriteOptions options, BlockStats stats) => new()
    {
        Id = id,
        MinTimeMs = options.MinTimeMs,
        MaxTimeMs = options.MaxTimeMs,
        Stats = stats,
        Compaction = new BlockCompaction
        {
            Level = options.Level,
            Sources = options.Sources.Count > 0 ? [.. options.Sources.Distinct().Order()] : [id],
            Parents = options.Parents,
            Hints = [.. options.Hints.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        },
    };

    private BlockStats WriteContent(
        ChunkSeriesSource source, string path, BlockWriteOptions options, CancellationToken cancellationToken)
    {
        directory.CreateDirectory(path);
        using var chunkFiles = new ChunkSegmentWriter(
            directory, $"{path}/{BlockFormat.ChunksDirectory}", options.ChunksFileBytes);
        using var index = new IndexWriter(directory, $"{path}/{BlockFormat.IndexFile}");
        index.WriteSymbols(source.Symbols, Pause);
        var stats = default(BlockStats);
        var chunks = new List<EncodedChunk>();
        var references = new List<ulong>();
        while (source.TryReadNext(out var labels, chunks))
        {
            if (chunks.Count == 0) throw new CorruptDataException($"series {labels} has no chunk");
            references.Clear();
            foreach (var chunk in chunks)
            {
                references.Add(chunkFiles.Write(chunk.Encoding, chunk.Data.Span));
                stats = Add(stats, chunk);
            }

            index.AddSeries(labels, CollectionsMarshal.AsSpan(chunks), CollectionsMarshal.AsSpan(references));
            stats = stats with { Series = stats.Series + 1, Chunks = stats.Chunks + chunks.Count };
            if (stats.Series % PauseEvery == 0) Pause();
        }

        if (stats.Samples == 0) return stats;
        chunkFiles.Finish();
        index.Finish(Pause);
        return stats;

        void Pause()
        {
            cancellationToken.ThrowIfCancellationRequested();
            options.Pause?.Invoke();
        }
    }

    private static BlockStats Add(BlockStats stats, in EncodedChunk chunk)
    {
        if (!ChunkEncodings.TryReadCount(chunk.Encoding, chunk.Data.Span, out var count) || count == 0)
            throw new CorruptDataException($"a chunk of encoding {chunk.Encoding} holds no sample");
        var floats = ChunkEncodings.IsFloat(chunk.Encoding) ? count : 0;
        return stats with
        {
            Samples = stats.Samples + count,
            FloatSamples = stats.FloatSamples + floats,
            HistogramSamples = stats.HistogramSamples + count - floats,
        };
    }

    private void DeleteQuietly(string path)
    {
        try
        {
            directory.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that led here says more; a start removes what is left.
        }
    }
}
