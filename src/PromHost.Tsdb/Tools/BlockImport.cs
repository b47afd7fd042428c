using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Makes blocks of samples from elsewhere and puts them into a data directory, all of them or none. A range of time is
/// held in memory, compressed, while its samples come in. The lock is not taken: a server sees the blocks when it looks
/// for new ones. For one thread.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item><see cref="Append(Labels, ReadOnlySpan{byte}, long, double)"/> takes samples of any time; <see
/// cref="WriteBlocks"/> writes what came so far to blocks
/// below <c>promhost/</c>, and forgets it.</item>
/// <item><see cref="Publish"/> moves them to where blocks are.</item>
/// </list>
/// A block that reaches beyond the oldest samples that the log may hold carries the hint of a part: without it a server
/// would drop what its log has of that time.
/// </remarks>
public sealed class BlockImport : IDisposable
{
    private readonly Func<IDataDirectory> _open;
    private readonly Func<string, IDisposable> _takeLock;
    private readonly long _rangeMs;
    private readonly SortedDictionary<long, Range> _ranges = [];
    private readonly List<string> _written = [];
    private readonly bool _isRootNew;
    private IDataDirectory? _directory;
    private ImportFolder? _folder;
    private Range? _last;

    /// <summary>Begins; nothing is made before blocks are written.</summary>
    /// <param name="dataPath">The data directory; made when it is missing.</param>
    /// <param name="rangeMs">The time that a block may span.</param>
    public BlockImport(string dataPath, long rangeMs)
    {
        _open = () => new DataDirectory(dataPath);
        _takeLock = path => LockedFile.Open(Path.Join(dataPath, path), FileMode.CreateNew);
        _rangeMs = rangeMs;
        _isRootNew = !Directory.Exists(dataPath);
    }

    /// <summary>Begins in a directory of any kind.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="takeLock">Makes a file, by its path below the data directory, and locks it.</param>
    /// <param name="rangeMs">The time that a block may span.</param>
    internal BlockImport(IDataDirectory directory, Func<string, IDisposable> takeLock, long rangeMs)
    {
        _open = () => directory;
        _takeLock = takeLock;
        _rangeMs = rangeMs;
    }

    /// <summary>The blocks' longest range that is not longer than a time, as in promtool: 2h, 6h, 18h….</summary>
    public static long RangeFor(long maxMs)
    {
        const long Shortest = 2 * 3_600_000L;
        const int Count = 10;
        var range = Shortest;
        for (var i = 1; i < Count && range * 3 <= maxMs; i++) range *= 3;
        return range;
    }

    /// <summary>Where the range begins that a time lies in.</summary>
    public static long StartOf(long timestampMs, long rangeMs)
    {
        var start = timestampMs / rangeMs * rangeMs;
        return start > timestampMs ? start - rangeMs : start;
    }

    /// <summary>Takes a sample of a series that was named by the same bytes before, in the same range.</summary>
    /// <param name="rawLabels">Bytes that always stand for the same labels; empty: none do.</param>
    /// <param name="timestampMs">The time.</param>
    /// <param name="value">The value.</param>
    /// <param name="outcome">What became of it.</param>
    /// <returns>False when the bytes are not known: the labels are needed.</returns>
    public bool TryAppend(ReadOnlySpan<byte> rawLabels, long timestampMs, double value, out ImportOutcome outcome) =>
        RangeOf(timestampMs).TryAppend(rawLabels, timestampMs, value, out outcome);

    /// <summary>Takes a sample.</summary>
    /// <param name="labels">The labels; not empty.</param>
    /// <param name="rawLabels">What to know them by; empty: nothing.</param>
    /// <param name="timestampMs">The time.</param>
    /// <param name="value">The value.</param>
    public ImportOutcome Append(Labels labels, ReadOnlySpan<byte> rawLabels, long timestampMs, double value) =>
        RangeOf(timestampMs).Append(labels, rawLabels, timestampMs, value);

    /// <summary>Writes the samples that came so far to blocks that nobody sees yet.</summary>
    /// <exception cref="DiskFullException">There was no room.</exception>
    /// <exception cref="IOException">The disk failed.</exception>
    public void WriteBlocks(CancellationToken cancellationToken)
    {
        var directory = _directory ??= Begin();
        var writer = new BlockWriter(directory, TimeProvider.System, Random.Shared);
        var borderMs = HeadBorderMs(directory);
        foreach (var range in _ranges.Values)
        {
            var appender = range.Head.Appender;
            using var source = new HeadChunkSource(range.Head, appender.MinTimeMs, appender.MaxTimeMs + 1);
            var options = new BlockWriteOptions
            {
                MinTimeMs = appender.MinTimeMs,
                MaxTimeMs = appender.MaxTimeMs + 1,
                Hints = appender.MaxTimeMs + 1 > borderMs ? [BlockCompaction.FromOutOfOrder] : [],
                Folder = _folder!.Path,
            };
            if (writer.Write(source, options, cancellationToken) is { } meta) _written.Add(meta.Id.ToString());
        }

        _ranges.Clear();
        _last = null;
    }

    /// <summary>Puts the blocks where a server finds them.</summary>
    /// <returns>The blocks, in the order in which they were written.</returns>
    /// <exception cref="IOException">The disk failed; some of them may be there.</exception>
    public IReadOnlyList<BlockSummary> Publish()
    {
        if (_directory is null) return [];
        foreach (var name in _written) _directory.Rename($"{_folder!.Path}/{name}", name);
        _directory.SyncDirectory("");
        _folder!.Dispose();
        return [.. _written.Select(name => BlockSummary.Read(_directory, name))];
    }

    /// <summary>Takes away what was written and is not published.</summary>
    public void Dispose()
    {
        if (_directory is null) return;
        _folder?.Dispose();
        if (_isRootNew && _directory.List("").Count == 0) Directory.Delete(_directory.RootPath);
    }

    private Range RangeOf(long timestampMs)
    {
        var start = StartOf(timestampMs, _rangeMs);
        if (_last?.StartMs == start) return _last;
        if (!_ranges.TryGetValue(start, out _last)) _ranges[start] = _last = new Range(start, _rangeMs);
        return _last;
    }

    private IDataDirectory Begin()
    {
        var directory = _open();
        _folder = ImportFolder.Create(directory, _takeLock);
        return directory;
    }

    // From where on the log may hold samples that are in no block; without a log there are none.
    private static long HeadBorderMs(IDataDirectory directory)
    {
        const string WalPath = "wal";
        if (WalSegments.ListForReplay(directory, WalPath).Count == 0) return long.MaxValue;
        var border = long.MinValue;
        foreach (var name in directory.List("").Where(name => Ulid.TryParse(name, out _)))
        {
            try
            {
                var meta = BlockMetaFile.Read(directory, $"{name}/{BlockMetaFile.FileName}");
                if (!meta.Compaction.IsPartial()) border = Math.Max(border, meta.MaxTimeMs);
            }
            catch (Exception error) when (error is CorruptDataException or IOException)
            {
                // A block that is not read says nothing of the log: the hint is given rather than not.
            }
        }

        return border;
    }

    // The samples of a range: a head of its own, which cuts chunks as any head does.
    private sealed class Range(long startMs, long rangeMs)
    {
        private ulong _cursor;

        public long StartMs => startMs;

        // As promtool has it.
        public Head Head { get; } = new(2 * rangeMs);

        public bool TryAppend(
            ReadOnlySpan<byte> rawLabels, long timestampMs, double value, out ImportOutcome outcome)
        {
            outcome = default;
            if (rawLabels.IsEmpty || !Head.Table.TryGet(rawLabels, ref _cursor, out var series)) return false;
            outcome = Append(series, timestampMs, value);
            return true;
        }

        public ImportOutcome Append(
            Labels labels, ReadOnlySpan<byte> rawLabels, long timestampMs, double value) =>
            Append(Head.Table.GetOrAdd(labels, rawLabels, ref _cursor), timestampMs, value);

        private ImportOutcome Append(int series, long timestampMs, double value)
        {
            var lastMs = Head.Appender.LastTimeMs(series);
            if (timestampMs > lastMs)
            {
                Head.Appender.Append(series, timestampMs, value);
                return ImportOutcome.Added;
            }

            if (timestampMs < lastMs) return ImportOutcome.OutOfOrder;
            Head.Store.Read(series, out var snapshot);
            var isSame = BitConverter.DoubleToInt64Bits(snapshot.LastValue) == BitConverter.DoubleToInt64Bits(value);
            return isSame ? ImportOutcome.Repeated : ImportOutcome.Conflicting;
        }
    }
}
