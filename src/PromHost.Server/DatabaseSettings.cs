using System.Globalization;
using PromHost.Model;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary>How flags and configuration together set the database up, by Prometheus's rules.</summary>
internal static class DatabaseSettings
{
    private static readonly TimeSpan DefaultRetention = TimeSpan.FromDays(15);

    /// <summary>The database's options.</summary>
    /// <exception cref="ConfigException">Settings contradict each other.</exception>
    public static DatabaseOptions Make(StorageOptions flags, StorageConfig config)
    {
        var isXor2 = config.Xor2Floats ?? flags.Xor2Encoding;
        if (flags.StoreStartTimestamps && !isXor2)
        {
            throw new ConfigException("float chunk encoding \"xor\" is incompatible with start-timestamp storage; " +
                "XOR chunks do not store start timestamps, use \"xor2\"");
        }

        var options = new DatabaseOptions { DataPath = flags.DataPath };
        var retention = config.Retention ?? RetentionOf(flags);
        return options with
        {
            WalSync = flags.WalFsync,
            MinFreeBytes = flags.MinFreeBytes,
            WalSegmentBytes = flags.WalSegmentBytes ?? options.WalSegmentBytes,
            WalCompression = flags.WalCompression,
            BlockRange = flags.MinBlockRange,
            MaxBlockRange = flags.MaxBlockRange,
            OutOfOrderWindow = config.OutOfOrderWindow ?? options.OutOfOrderWindow,
            RetentionTime = retention.Time,
            RetentionBytes = retention.SizeBytes,
            RetentionPercentage = retention.Percentage,
            StaleSeriesCompactionThreshold = config.StaleSeriesCompactionThreshold,
            MaxExemplars = flags.ExemplarStorage ? (int)Math.Clamp(config.MaxExemplars, 0, int.MaxValue) : 0,
            NoLockFile = flags.NoLockFile,
            IsHeadImageWritten = true,
            StoreStartTimestamps = flags.StoreStartTimestamps,
            Xor2Encoding = isXor2,
            HistogramStartTimestamps = flags.HistogramStartTimestamps,
        };
    }

    /// <summary>What of the settings makes a directory that only Prometheus 3.14 and later can read.</summary>
    public static IEnumerable<string> NamesOfNewFormats(DatabaseOptions options)
    {
        if (options.StoreStartTimestamps) yield return FeatureNames.StartTimestampStorage;
        if (options.Xor2Encoding) yield return FeatureNames.Xor2Encoding;
        if (options.HistogramStartTimestamps) yield return FeatureNames.HistogramStartTimestamps;
    }

    /// <summary>The retention as <c>status/runtimeinfo</c> tells it: <c>15d or 10GiB or 80%</c>.</summary>
    public static string DescribeRetention(DatabaseOptions options)
    {
        var parts = new List<string>();
        if (options.RetentionTime > TimeSpan.Zero)
            parts.Add(PrometheusDuration.Format((long)options.RetentionTime.TotalMilliseconds));
        if (options.RetentionBytes > 0) parts.Add(Base2Bytes.Format(options.RetentionBytes));
        if (options.RetentionPercentage > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{options.RetentionPercentage}%"));
        return string.Join(" or ", parts);
    }

    private static RetentionConfig RetentionOf(StorageOptions flags) => new()
    {
        Time = flags.RetentionTime == TimeSpan.Zero && flags.RetentionBytes == 0
            ? DefaultRetention
            : flags.RetentionTime,
        SizeBytes = flags.RetentionBytes,
    };
}
