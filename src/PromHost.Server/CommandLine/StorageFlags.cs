using System.CommandLine;
using System.Globalization;
using PromHost.Model;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary>The flags of the storage, in Prometheus's spelling.</summary>
internal sealed class StorageFlags
{
    private readonly Option<string> _dataPath = new("--storage.tsdb.path")
    {
        Description = "Directory of the data.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "data/",
    };

    private readonly Option<string> _retentionTime = FlagKinds.Duration("--storage.tsdb.retention.time", "0s",
        "How long samples are kept, such as 15d or 1y; 15d when no size is given either. " +
        "storage.tsdb.retention in the configuration file replaces it.", allowsZero: true);

    private readonly Option<string> _retentionSize = FlagKinds.Size("--storage.tsdb.retention.size", "0B",
        "How much the data directory may hold, such as 512MB; 0B: no limit. " +
        "storage.tsdb.retention in the configuration file replaces it.");

    private readonly Option<bool> _noLockFile = FlagKinds.Switch("--storage.tsdb.no-lockfile", false,
        "Do not lock the data directory.");

    private readonly Option<bool> _walCompression = FlagKinds.Switch("--storage.tsdb.wal-compression", true,
        "Compress the log. On unless --no-storage.tsdb.wal-compression is given.");

    private readonly Option<bool> _noWalCompression = new("--no-storage.tsdb.wal-compression")
    {
        Description = "Do not compress the log.",
    };

    private readonly Option<string> _walCompressionType = FlagKinds.Choice("--storage.tsdb.wal-compression-type",
        "snappy", ["snappy", "zstd"], "How the log is compressed: snappy, or zstd where the machine has its library.");

    private readonly Option<string> _walSegmentSize = FlagKinds.Size("--storage.tsdb.wal-segment-size", "0B",
        "Size of a segment of the log, 10MB to 256MB; 0B: 128MB.");

    private readonly Option<int> _chunksQueueSize = new("--storage.tsdb.head-chunks-write-queue-size")
    {
        Description = "Accepted without effect: full chunks are written without a queue.",
        HelpName = "N",
    };

    private readonly Option<string> _minBlock = FlagKinds.Duration("--storage.tsdb.min-block-duration", "2h",
        "Length of a block before it is merged with others. For tests.");

    private readonly Option<string> _maxBlock = FlagKinds.Duration("--storage.tsdb.max-block-duration", "0s",
        "Longest block that others are merged to; 0s: a tenth of the retention, at most 31d. For tests.",
        allowsZero: true);

    private readonly Option<string> _walFsync = FlagKinds.Choice("--storage.wal-fsync", "interval",
        ["always", "interval", "never"],
        "When the log is synced: always (before each answer), interval (every second) or never. " +
        "A killed process loses nothing with any of them; this is about power cuts.");

    private readonly Option<string> _minFreeBytes = FlagKinds.Size("--storage.min-free-bytes", "128MB",
        "Free space below which writes are refused with 503 until there is more; at most a sixteenth of the disk. " +
        "0B: only when there is none.");

    public StorageFlags()
    {
        _walSegmentSize.Validators.Add(result =>
        {
            // What Prometheus accepts.
            if (!Base2Bytes.TryParse(result.GetValueOrDefault<string>(), out var bytes, out _) || bytes == 0) return;
            if (bytes is < 10 << 20 or > 256 << 20)
            {
                result.AddError(
                    "flag 'storage.tsdb.wal-segment-size' must be set between 10MB and 256MB");
            }
        });
    }

    /// <summary>The flags.</summary>
    public IReadOnlyList<Option> All =>
    [
        _dataPath, _retentionTime, _retentionSize, _noLockFile, _walCompression, _noWalCompression,
        _walCompressionType, _walSegmentSize, _chunksQueueSize, _minBlock, _maxBlock, _walFsync, _minFreeBytes,
    ];

    /// <summary>What the flags say.</summary>
    public StorageOptions Read(ParseResult result)
    {
        var segmentBytes = FlagKinds.ParseSize(result.GetRequiredValue(_walSegmentSize));
        return new StorageOptions
        {
            DataPath = result.GetRequiredValue(_dataPath),
            RetentionTime = FlagKinds.ParseDuration(result.GetRequiredValue(_retentionTime)),
            RetentionBytes = FlagKinds.ParseSize(result.GetRequiredValue(_retentionSize)),
            NoLockFile = result.GetValue(_noLockFile),
            WalCompression = !IsCompressed(result) ? WalCompression.None
                : Enum.Parse<WalCompression>(result.GetRequiredValue(_walCompressionType), ignoreCase: true),
            WalSegmentBytes = segmentBytes == 0 ? null : (int)segmentBytes,
            MinBlockRange = FlagKinds.ParseDuration(result.GetRequiredValue(_minBlock)),
            MaxBlockRange = FlagKinds.ParseDuration(result.GetRequiredValue(_maxBlock)),
            MinFreeBytes = FlagKinds.ParseSize(result.GetRequiredValue(_minFreeBytes)),
            WalFsync = Enum.Parse<WalSyncPolicy>(result.GetRequiredValue(_walFsync), ignoreCase: true),
        };
    }

    /// <summary>The flags and their values, as <c>/api/v1/status/flags</c> shows them.</summary>
    public IEnumerable<KeyValuePair<string, string>> Describe(ParseResult result)
    {
        yield return new("storage.tsdb.path", result.GetRequiredValue(_dataPath));
        yield return new("storage.tsdb.retention.time", Duration(result.GetRequiredValue(_retentionTime)));
        yield return new("storage.tsdb.retention.size", Size(result.GetRequiredValue(_retentionSize)));
        yield return new("storage.tsdb.no-lockfile", FlagKinds.Text(result.GetValue(_noLockFile)));
        yield return new("storage.tsdb.wal-compression", FlagKinds.Text(IsCompressed(result)));
        yield return new("storage.tsdb.wal-compression-type", result.GetRequiredValue(_walCompressionType));
        yield return new("storage.tsdb.wal-segment-size", Size(result.GetRequiredValue(_walSegmentSize)));
        yield return new("storage.tsdb.head-chunks-write-queue-size",
            result.GetValue(_chunksQueueSize).ToString(CultureInfo.InvariantCulture));
        yield return new("storage.tsdb.min-block-duration", Duration(result.GetRequiredValue(_minBlock)));
        yield return new("storage.tsdb.max-block-duration", Duration(result.GetRequiredValue(_maxBlock)));
        yield return new("storage.min-free-bytes", Size(result.GetRequiredValue(_minFreeBytes)));
        yield return new("storage.wal-fsync", result.GetRequiredValue(_walFsync));
    }

    private static string Duration(string text) =>
        PrometheusDuration.Format((long)FlagKinds.ParseDuration(text).TotalMilliseconds);

    private static string Size(string text) => Base2Bytes.Format(FlagKinds.ParseSize(text));

    private bool IsCompressed(ParseResult result) =>
        result.GetValue(_walCompression) && !result.GetValue(_noWalCompression);
}
