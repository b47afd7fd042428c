using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Writes what is sound of a damaged block to a new block, and puts the old one into <c>promhost/quarantine/</c>.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>The new block is written below <c>promhost/repair/</c>, in a directory that has the old one's name.</item>
/// <item>The old block goes to quarantine.</item>
/// <item>The new block goes to where blocks are.</item>
/// </list>
/// What a crash leaves below <c>promhost/repair/</c> is finished (the old block is gone) or removed by <see
/// cref="FinishOld"/>.
/// </remarks>
/// <param name="directory">The data directory.</param>
internal sealed class BlockSalvage(IDataDirectory directory)
{
    /// <summary>Where new blocks are written.</summary>
    public const string Folder = "promhost/repair";

    private readonly BlockWriter _writer = new(directory, TimeProvider.System, Random.Shared);

    /// <summary>Was a repair killed?</summary>
    public static bool IsUnfinished(IDataDirectory directory) => directory.List(Folder).Count > 0;

    /// <summary>Ends what an earlier repair was at when it was killed.</summary>
    public void FinishOld()
    {
        foreach (var old in directory.List(Folder))
        {
            var isThere = directory.FileExists($"{old}/{BlockFormat.IndexFile}") ||
                directory.FileExists($"{old}/{BlockMetaFile.FileName}");
            foreach (var name in directory.List($"{Folder}/{old}"))
            {
                if (!isThere && Ulid.TryParse(name, out _)) directory.Rename($"{Folder}/{old}/{name}", name);
            }
        }

        directory.SyncDirectory("");
        directory.Delete(Folder);
    }

    /// <summary>Salvages a block.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Ends it before anything is put in another place.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="IOException">The disk failed or is full; the block is where it was.</exception>
    public RepairStep Run(string name, CancellationToken cancellationToken)
    {
        var meta = Read(() => BlockMetaFile.Read(directory, $"{name}/{BlockMetaFile.FileName}"));
        var tombstones = Read(() => TombstonesFile.Read(directory, $"{name}/{TombstonesFile.FileName}"));
        var result = "nothing of it can be read";
        BlockMeta? written = null;
        try
        {
            var counts = Count(name, tombstones ?? Tombstones.None);
            if (counts.MaxTimeMs >= counts.MinTimeMs)
                written = Write(name, meta, tombstones ?? Tombstones.None, counts, cancellationToken);
            if (written is not null) result = Describe(written, counts);
        }
        catch (CorruptDataException error)
        {
            result = $"nothing of it can be read: {error.Message}";
        }

        if (tombstones is null) result += "; what was deleted of it is there again";
        return new RepairStep(name, -1, result, Exchange(name, written));
    }

    private static string Describe(BlockMeta written, Counts counts)
    {
        var lost = counts.LostSeries + counts.LostChunks == 0
            ? "nothing is lost"
            : FormattableString.Invariant($"{counts.LostSeries} series (or stretches of them) and ") +
                FormattableString.Invariant($"{counts.LostChunks} chunks are lost");
        var stats = written.Stats;
        return FormattableString.Invariant($"written anew as {written.Id} with {stats.Series} series, ") +
            FormattableString.Invariant($"{stats.Chunks} chunks and {stats.Samples} samples, {lost}");
    }

    private static T? Read<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is CorruptDataException or FileNotFoundException or NotSupportedException)
        {
            return null;
        }
    }

    private Counts Count(string name, Tombstones tombstones)
    {
        using var source = new SalvagedChunkSource(directory, name, tombstones);
        var chunks = new List<Storage.EncodedChunk>();
        var (min, max) = (long.MaxValue, long.MinValue);
        while (source.TryReadNext(out _, chunks))
        {
            min = Math.Min(min, chunks[0].MinTimeMs);
            max = Math.Max(max, chunks[^1].MaxTimeMs);
        }

        return new Counts(min, max, source.LostSeries, source.LostChunks);
    }

    // Where something is lost the log may still have it: the hint of a part keeps it from being passed over.
    private BlockMeta? Write(
        string name, BlockMeta? meta, Tombstones tombstones, Counts counts, CancellationToken cancellationToken)
    {
        var isWhole = meta is not null && counts.LostSeries + counts.LostChunks == 0;
        string[] hints = isWhole ? [] : [BlockCompaction.FromOutOfOrder];
        using var source = new SalvagedChunkSource(directory, name, tombstones);
        var options = new BlockWriteOptions
        {
            MinTimeMs = Math.Min(meta?.MinTimeMs ?? long.MaxValue, counts.MinTimeMs),
            MaxTimeMs = Math.Max(meta?.MaxTimeMs ?? long.MinValue, counts.MaxTimeMs + 1),
            Level = Math.Max(1, meta?.Compaction.Level ?? 1),
            Sources = meta?.Compaction.Sources ?? [],
            Hints = [.. meta?.Compaction.Hints ?? [], .. hints],
            Folder = $"{Folder}/{name}",
        };
        return _writer.Write(source, options, cancellationToken);
    }

    private string Exchange(string name, BlockMeta? written)
    {
        var target = Quarantine.NameFor(directory, name);
        directory.Rename(name, target);
        directory.SyncDirectory(Quarantine.Path);
        directory.SyncDirectory("");
        if (written is null) return target;
        directory.Rename($"{Folder}/{name}/{written.Id}", written.Id.ToString());
        directory.SyncDirectory("");
        directory.Delete(Folder);
        return target;
    }

    private readonly record struct Counts(long MinTimeMs, long MaxTimeMs, long LostSeries, long LostChunks);
}
