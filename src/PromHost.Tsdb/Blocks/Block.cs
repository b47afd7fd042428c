using PromHost.Codecs;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// A block: a directory of samples of a range of time, with its index. Immutable but for what is deleted of it.
/// Thread-safe; readers are inside an epoch, or hold what keeps the block from being removed (<see cref="BlockSet"/>).
/// </summary>
internal sealed class Block : IDisposable
{
    private readonly IDataDirectory _directory;
    private DamageLedger? _damages;
    private State _state;

    private Block(
        IDataDirectory directory,
        string path,
        IndexReader index,
        ChunkSegmentReader chunks,
        BlockCacheBudget cacheBudget,
        State state)
    {
        _directory = directory;
        Path = path;
        Index = index;
        Chunks = chunks;
        Cache = new BlockCache(cacheBudget);
        _state = state;
    }

    /// <summary>The name of the block's directory in the data directory.</summary>
    public string Path { get; }

    /// <summary>What <c>meta.json</c> says.</summary>
    public BlockMeta Meta => Current.Meta;

    /// <summary>What is deleted of it.</summary>
    public Tombstones Tombstones => Current.Tombstones;

    /// <summary>Its index.</summary>
    public IndexReader Index { get; }

    /// <summary>Its chunks.</summary>
    public ChunkSegmentReader Chunks { get; }

    /// <summary>What queries have made of it.</summary>
    public BlockCache Cache { get; }

    /// <summary>Bytes of all its files, as Prometheus counts them.</summary>
    public long SizeBytes => Index.SizeBytes + Chunks.SizeBytes + Current.SmallFilesBytes;

    /// <summary>The timestamps that it may hold.</summary>
    public TimeInterval Range => new(Meta.MinTimeMs, Math.Max(Meta.MinTimeMs, Meta.MaxTimeMs - 1));

    private State Current => Volatile.Read(ref _state);

    /// <summary>Opens a block: maps its files and checks its tables.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">The name of the block's directory.</param>
    /// <param name="cacheBudget">Bounds what is cached; null: a budget of its own.</param>
    /// <param name="damages">Takes the first damage that a reader meets; null: nobody asks for it.</param>
    /// <exception cref="CorruptDataException">A file of it is damaged.</exception>
    /// <exception cref="NotSupportedException">It has a version that is not read here.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    /// <exception cref="IOException">A file of it cannot be read.</exception>
    public static Block Open(
        IDataDirectory directory, string path, BlockCacheBudget? cacheBudget = null, DamageLedger? damages = null)
    {
        var meta = BlockMetaFile.Read(directory, MetaPath(path));
        if (meta.MaxTimeMs < meta.MinTimeMs)
            throw new CorruptDataException("the block ends before it begins", MetaPath(path), 0);
        var tombstones = TombstonesFile.Read(directory, TombstonesPath(path));
        var index = IndexReader.Open(directory, $"{path}/{BlockFormat.IndexFile}");
        try
        {
            var chunks = ChunkSegmentReader.Open(directory, $"{path}/{BlockFormat.ChunksDirectory}");
            return new Block(
                directory,
                path,
                index,
                chunks,
                cacheBudget ?? new BlockCacheBudget(BlockCacheBudget.DefaultMaxBytes),
                new State(meta, tombstones, SmallFilesBytes(directory, path)))
            {
                _damages = damages,
            };
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Says what is deleted, on disk first; then new queries see it. One at a time: the caller holds
    /// <see cref="BlockSet.Changes"/>.
    /// </summary>
    /// <exception cref="IOException">It cannot be written; what was deleted before stays so.</exception>
    public void Replace(Tombstones tombstones)
    {
        var meta = Meta with { Stats = Meta.Stats with { Tombstones = tombstones.IntervalCount } };
        TombstonesFile.Write(_directory, TombstonesPath(Path), tombstones);
        Volatile.Write(ref _state, Current with { Tombstones = tombstones });
        Replace(meta);
    }

    /// <summary>Writes another description. The caller holds <see cref="BlockSet.Changes"/>.</summary>
    /// <exception cref="IOException">It cannot be written; the old one stays.</exception>
    public void Replace(BlockMeta meta)
    {
        BlockMetaFile.Write(_directory, MetaPath(Path), meta);
        Volatile.Write(
            ref _state, Current with { Meta = meta, SmallFilesBytes = SmallFilesBytes(_directory, Path) });
    }

    /// <summary>May it hold samples between two timestamps, both inclusive?</summary>
    public bool Overlaps(long minTimeMs, long maxTimeMs) => Meta.MinTimeMs <= maxTimeMs && minTimeMs < Meta.MaxTimeMs;

    /// <summary>The error of a reader that finds the block damaged. The first time it goes to the ledger.</summary>
    public StorageReadException Unreadable(CorruptDataException error)
    {
        Interlocked.Exchange(ref _damages, null)?.Add(new Damage(
            error.FileName.Length > 0 ? error.FileName : Path,
            Math.Max(0, error.OffsetBytes),
            $"found by a reader of the block; what needs it fails: {error.Message}",
            QuarantinedAs: null));
        return new StorageReadException($"block {Path} is damaged: {error.Message}", error);
    }

    /// <summary>The block's name, for messages.</summary>
    public override string ToString() => Path;

    /// <summary>Unmaps its files; nobody reads it any more.</summary>
    public void Dispose()
    {
        Cache.Dispose();
        Index.Dispose();
        Chunks.Dispose();
    }

    private static string MetaPath(string path) => $"{path}/{BlockMetaFile.FileName}";

    private static string TombstonesPath(string path) => $"{path}/{TombstonesFile.FileName}";

    private static long SmallFilesBytes(IDataDirectory directory, string path)
    {
        var size = 0L;
        foreach (var file in new[] { MetaPath(path), TombstonesPath(path) })
        {
            if (!directory.FileExists(file)) continue;
            using var opened = directory.OpenRead(file);
            size += opened.Length;
        }

        return size;
    }

    // What may change, in one piece.
    private sealed record State(BlockMeta Meta, Tombstones Tombstones, long SmallFilesBytes);
}
