using PromHost.Chunks;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Opens blocks of which only a small file is damaged or missing: their samples are all there. For one thread.
/// </summary>
/// <remarks>
/// Damaged <c>tombstones</c> are put aside: what was deleted of the block is there again. <c>meta.json</c> is made anew
/// from the index. Since it is not known any more whether the block holds every sample of its range, it gets the hint
/// <see cref="BlockCompaction.FromOutOfOrder"/>: Prometheus and a start here pass over the log's samples of the time
/// of other blocks.
/// </remarks>
/// <param name="directory">The data directory.</param>
/// <param name="damages">Takes what was mended.</param>
internal sealed class BlockMend(IDataDirectory directory, DamageLedger damages)
{
    /// <summary>Mends a block and opens it.</summary>
    /// <param name="name">The name of its directory.</param>
    /// <param name="error">Why it could not be opened.</param>
    /// <param name="cacheBudget">Bounds what is cached of it.</param>
    /// <returns>The block; null where it cannot be mended.</returns>
    /// <exception cref="CorruptDataException">More than the small files is damaged.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public Block? TryOpen(string name, Exception error, BlockCacheBudget cacheBudget)
    {
        var meta = $"{name}/{BlockMetaFile.FileName}";
        var tombstones = $"{name}/{TombstonesFile.FileName}";
        var found = new List<Damage>();
        if (IsDamaged(meta, error))
        {
            // Before anything is moved: without an index there is nothing to mend.
            var rebuilt = Rebuild(name);
            found.Add(new Damage(
                meta, 0, $"made anew from the index: {error.Message}", TryPutAside(meta)));
            BlockMetaFile.Write(directory, meta, rebuilt);
        }

        if (!IsReadable(tombstones, out var problem))
        {
            found.Add(new Damage(
                tombstones, 0, $"what was deleted of the block is there again: {problem}", TryPutAside(tombstones)));
        }

        if (found.Count == 0) return null;
        directory.SyncDirectory(name);
        directory.SyncDirectory(Quarantine.Path);
        damages.Add(found);
        return Block.Open(directory, name, cacheBudget, damages);
    }

    private bool IsDamaged(string meta, Exception error) => error switch
    {
        CorruptDataException corrupt => corrupt.FileName == meta,
        FileNotFoundException => !directory.FileExists(meta),
        _ => false,
    };

    private bool IsReadable(string tombstones, out string problem)
    {
        problem = "";
        try
        {
            TombstonesFile.Read(directory, tombstones);
            return true;
        }
        catch (CorruptDataException error)
        {
            problem = error.Message;
            return false;
        }
    }

    private string? TryPutAside(string path)
    {
        directory.CreateDirectory(Quarantine.Path);
        if (!directory.FileExists(path)) return null;
        var target = Quarantine.NameFor(directory, path);
        directory.Rename(path, target);
        return target;
    }

    private BlockMeta Rebuild(string name)
    {
        using var index = IndexReader.Open(directory, $"{name}/{BlockFormat.IndexFile}");
        using var chunks = ChunkSegmentReader.Open(directory, $"{name}/{BlockFormat.ChunksDirectory}");
        var (min, max) = (long.MaxValue, long.MinValue);
        long floats = 0, histograms = 0, count = 0;
        var all = index.Postings.CheckAll();
        var postings = index.Postings.Get(all);
        for (var i = 0; i < all.Count; i++)
        {
            var series = postings[i];
            var entry = index.ReadSeries(series);
            var reader = new SeriesChunkReader(entry[index.SkipLabels(series, entry)..]);
            for (; reader.MoveNext(); count++)
            {
                var chunk = reader.Current;
                min = Math.Min(min, chunk.MinTimeMs);
                max = Math.Max(max, chunk.MaxTimeMs);
                var samples = CountSamples(chunks, chunk.Reference, out var isHistogram);
                if (isHistogram) histograms += samples;
                else floats += samples;
            }

            if (reader.IsCorrupt) throw index.Corrupt(series, "the list of chunks of a series is damaged");
        }

        if (count == 0) throw new CorruptDataException("the block has no chunk", name, 0);
        if (!Ulid.TryParse(name, out var id)) throw new FormatException($"\"{name}\" is no ULID");
        return new BlockMeta
        {
            Id = id,
            MinTimeMs = min,
            MaxTimeMs = max + 1,
            Stats = new BlockStats(floats + histograms, all.Count, count)
            {
                FloatSamples = floats,
                HistogramSamples = histograms,
            },
            Compaction = new BlockCompaction { Sources = [id], Hints = [BlockCompaction.FromOutOfOrder] },
        };
    }

    // A chunk that cannot be read fails those who read it.
    private static int CountSamples(ChunkSegmentReader chunks, ulong reference, out bool isHistogram)
    {
        isHistogram = false;
        try
        {
            var data = chunks.Read(reference, out var encoding);
            isHistogram = ChunkEncodings.IsHistogram(encoding);
            return ChunkEncodings.TryReadCount(encoding, data, out var samples) ? samples : 0;
        }
        catch (CorruptDataException)
        {
            return 0;
        }
    }
}
