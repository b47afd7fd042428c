using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// A data directory as a server would show it, opened without its lock and without changing anything: blocks, the
/// write-ahead log, late samples. For tools; a server may have the directory open meanwhile. For one thread.
/// </summary>
/// <remarks>
/// What must be written (chunks that fill up while the log is read, logs without their damage) goes to a sandbox. When
/// a running server has moved samples from one place to another meanwhile, everything is read again.
/// </remarks>
public sealed class ReadOnlyDatabase : IDisposable
{
    private const string WalPath = "wal";
    private const int MaxAttempts = 10;

    private readonly SandboxedDataDirectory _directory;
    private readonly Head _head;
    private readonly BlockSet _blocks;
    private readonly DamageLedger _damages = new(NullLogger.Instance, TimeProvider.System);
    private HeadChunkFiles? _chunkFiles;

    private ReadOnlyDatabase(string dataPath, string? sandboxRoot)
    {
        _directory = new SandboxedDataDirectory(new DataDirectory(dataPath), sandboxRoot);
        var options = new DatabaseOptions { DataPath = dataPath };
        _head = new Head((long)options.BlockRange.TotalMilliseconds);
        _blocks = new BlockSet(_directory, _head.Epochs, NullLogger.Instance);
    }

    /// <summary>
    /// What could not be read of the logs and of the mapped chunks. The end of the newest segment is not among it: it
    /// may be torn after a crash, and while a server writes.
    /// </summary>
    public IReadOnlyList<Problem> Problems { get; private set; } = [];

    /// <summary>Opens a directory.</summary>
    /// <param name="dataPath">The data directory.</param>
    /// <param name="sandboxRoot">Where the sandbox is made; null: among the temporary files of the system.</param>
    /// <param name="maxTimeMs">The last timestamp of interest: the log is not read where it cannot have any.</param>
    /// <param name="cancellationToken">Ends it between the files.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="CorruptDataException">A block is damaged.</exception>
    /// <exception cref="IOException">A file cannot be read, or the sandbox not be written.</exception>
    public static ReadOnlyDatabase Open(
        string dataPath, string? sandboxRoot, long maxTimeMs, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(dataPath))
            throw new DirectoryNotFoundException($"{dataPath}: there is no such directory");
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var database = new ReadOnlyDatabase(dataPath, sandboxRoot);
            try
            {
                var before = StateOf(dataPath);
                database.Load(maxTimeMs);
                if (attempt == MaxAttempts || before.SequenceEqual(StateOf(dataPath), StringComparer.Ordinal))
                    return database;
                database.Dispose();
            }
            catch (Exception error) when (
                attempt < MaxAttempts && error is FileNotFoundException or DirectoryNotFoundException)
            {
                database.Dispose();
            }
            catch
            {
                database.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// The series of selectors, in the order in which <c>promtool tsdb dump</c> has them: that of their labels, or,
    /// where all that is asked for is in the head alone, of their numbers in the log.
    /// </summary>
    /// <param name="selectors">Series that match all matchers of at least one of these; at least one.</param>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp, inclusive.</param>
    /// <param name="visit">Gets each series that may have samples.</param>
    /// <param name="progress">Told how many series were shown.</param>
    /// <param name="cancellationToken">Ends it between series.</param>
    /// <exception cref="StorageReadException">Stored data are damaged.</exception>
    public void Visit(
        IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors,
        long minTimeMs,
        long maxTimeMs,
        Action<StoredSeriesReader> visit,
        Action<ToolProgress>? progress,
        CancellationToken cancellationToken)
    {
        var windows = WindowsOf(minTimeMs, maxTimeMs);
        using var set = Select(selectors, minTimeMs, maxTimeMs, out var querier);
        using var _ = querier;
        var batch = new SeriesEntry[256];
        var done = 0L;
        while (set.ReadNext(batch) is > 0 and var count)
        {
            foreach (var entry in batch.AsSpan(0, count)) visit(new StoredSeriesReader(set, entry, windows));
            done += count;
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Invoke(new ToolProgress("series", done, set.CountEstimate));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _blocks.Dispose();
        _chunkFiles?.Dispose();
        _head.FullChunks.LateFiles?.Dispose();
        _directory.Dispose();
    }

    // What a server changes when it moves samples: blocks, checkpoints, segments that are deleted (not added).
    private static List<string> StateOf(string dataPath)
    {
        var directory = new DataDirectory(dataPath);
        return
        [
            .. directory.List("").Where(name => Ulid.TryParse(name, out _)).Order(StringComparer.Ordinal),
            .. WalSegments.List(directory, WalPath).Take(1).Select(segment => segment.Path),
            .. WalSegments.List(directory, WblReplay.Path).Take(1).Select(segment => segment.Path),
            WalSegments.CheckpointPathOf(WalPath, WalSegments.LastCheckpoint(directory, WalPath)),
        ];
    }

    private void Load(long maxTimeMs)
    {
        LoadBlocks();
        _head.MinValidTimeMs = _blocks.Current.HeadMinTimeMs;
        // Late samples may be of any time; all others are newer than the blocks.
        if (maxTimeMs < _head.MinValidTimeMs && WalSegments.SizeBytes(_directory, WblReplay.Path) == 0) return;
        // The server cuts the file it writes to when it stops: it must not be mapped.
        var chunkFiles = _directory.List(HeadChunkFormat.DirectoryName);
        if (chunkFiles.Count > 0)
            _directory.CopyIn($"{HeadChunkFormat.DirectoryName}/{chunkFiles.Max(StringComparer.Ordinal)}");
        var lastSegments = new[] { WalPath, WblReplay.Path }
            .Select(path => WalSegments.List(_directory, path)).Where(list => list.Count > 0)
            .Select(list => list[^1].Path).ToList();
        _chunkFiles = HeadChunkFiles.Open(_directory);
        _head.FullChunks.LateFiles = HeadChunkFiles.CreateLate(_directory);
        new HeadReplay(_head, _directory, _damages, NullLogger.Instance).Run(_chunkFiles);
        Problems =
        [
            .. _damages.Entries.Where(damage => !IsTornEnd(damage, lastSegments))
                .Select(damage => new Problem(damage.Path, damage.OffsetBytes, damage.Reason)),
        ];
    }

    // What is cut off at the end of the newest segment; the segment ends there now.
    private bool IsTornEnd(StorageDamage damage, List<string> lastSegments)
    {
        if (!lastSegments.Contains(damage.Path) || !_directory.FileExists(damage.Path)) return false;
        using var file = _directory.OpenRead(damage.Path);
        return file.Length == damage.OffsetBytes;
    }

    private void LoadBlocks()
    {
        var opened = new List<Block>();
        var failed = new List<(string Name, CorruptDataException Error)>();
        try
        {
            foreach (var name in _directory.List("").Where(name => Ulid.TryParse(name, out _)))
            {
                try
                {
                    opened.Add(_blocks.Open(name));
                }
                catch (CorruptDataException error)
                {
                    failed.Add((name, error));
                }
            }

            var obsolete = opened.SelectMany(block => block.Meta.Compaction.Parents).Select(parent => parent.Id)
                .Concat(opened.Where(block => block.Meta.Compaction.IsDeletable).Select(block => block.Meta.Id))
                .ToHashSet();
            foreach (var (name, error) in failed)
            {
                if (!Ulid.TryParse(name, out var id) || !obsolete.Contains(id)) throw error;
            }

            foreach (var block in opened.Where(block => obsolete.Contains(block.Meta.Id))) block.Dispose();
            opened.RemoveAll(block => obsolete.Contains(block.Meta.Id));
        }
        catch
        {
            foreach (var block in opened) block.Dispose();
            throw;
        }

        var end = new BlockView(opened, long.MinValue).WholeBlocksEndMs;
        _ = _blocks.PublishAsync(opened, [], end);
    }

    private SeriesSet Select(
        IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, long minTimeMs, long maxTimeMs, out IQuerier querier)
    {
        var blocks = _blocks.Current.Blocks;
        if (selectors.Count == 1 && !blocks.Any(block => block.Overlaps(minTimeMs, maxTimeMs)))
        {
            var head = new HeadQuerier(_head, minTimeMs, maxTimeMs, _blocks.Current.HeadMinTimeMs);
            querier = head;
            return head.SelectInLogOrder(selectors[0]);
        }

        querier = new DatabaseQuerier(_head, _blocks, minTimeMs, maxTimeMs);
        var hints = new SelectHints(minTimeMs, maxTimeMs, SortedByLabels: true);
        var sets = new SeriesSet[selectors.Count];
        for (var i = 0; i < sets.Length; i++) sets[i] = querier.Select(hints, selectors[i]);
        return sets.Length == 1 ? sets[0] : new UnitedSeriesSet(sets);
    }

    // The times that there may be samples in, in pieces: what one of them has of a series is in memory at a time.
    private List<TimeInterval> WindowsOf(long minTimeMs, long maxTimeMs)
    {
        const long MaxWindowMs = 3 * 24 * 3_600_000L;
        var ranges = _blocks.Current.Blocks.Select(block => block.Range)
            .Append(new TimeInterval(_head.Appender.MinTimeMs, _head.Appender.MaxTimeMs))
            .Append(new TimeInterval(_head.OutOfOrder.MinTimeMs, _head.OutOfOrder.MaxTimeMs))
            .Where(range => range.MinTimeMs <= range.MaxTimeMs)
            .Where(range => range.MinTimeMs <= maxTimeMs && range.MaxTimeMs >= minTimeMs)
            .OrderBy(range => range.MinTimeMs);
        var windows = new List<TimeInterval>();
        var from = minTimeMs;
        foreach (var range in ranges)
        {
            from = Math.Max(from, range.MinTimeMs);
            var to = Math.Min(range.MaxTimeMs, maxTimeMs);
            while (from <= to)
            {
                var end = to - from < MaxWindowMs ? to : from + MaxWindowMs;
                windows.Add(new TimeInterval(from, end));
                if (end == long.MaxValue) return windows;
                from = end + 1;
            }
        }

        return windows;
    }
}
