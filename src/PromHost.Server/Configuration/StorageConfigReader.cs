using System.Globalization;
using PromHost.Model;
using YamlDotNet.RepresentationModel;

namespace PromHost.Server;

/// <summary>Reads the section <c>storage</c>.</summary>
internal static class StorageConfigReader
{
    private static readonly string[] TsdbKeys =
        ["out_of_order_time_window", "retention", "stale_series_compaction_threshold", "chunk_encoding"];

    /// <summary>Reads the section.</summary>
    /// <exception cref="ConfigException">It is wrong.</exception>
    public static StorageConfig Read(YamlMappingNode storage)
    {
        var config = new StorageConfig();
        foreach (var (key, value) in ConfigNodes.Entries(storage, ["tsdb", "exemplars"], "config.StorageConfig"))
        {
            var section = ConfigNodes.Mapping(value, key);
            config = key is "tsdb" ? ReadTsdb(config, section) : ReadExemplars(config, section, value);
        }

        return config;
    }

    private static StorageConfig ReadTsdb(StorageConfig config, YamlMappingNode tsdb)
    {
        foreach (var (key, value) in ConfigNodes.Entries(tsdb, TsdbKeys, "config.plain"))
        {
            if (ConfigNodes.IsNull(value)) continue;
            config = key switch
            {
                "out_of_order_time_window" => config with { OutOfOrderWindow = ConfigNodes.Duration(value) },
                "stale_series_compaction_threshold" =>
                    config with { StaleSeriesCompactionThreshold = ConfigNodes.Number(value) },
                "retention" => config with { Retention = ReadRetention(ConfigNodes.Mapping(value, key)) },
                _ => config with { Xor2Floats = ReadEncoding(ConfigNodes.Mapping(value, key)) },
            };
        }

        return config;
    }

    private static RetentionConfig ReadRetention(YamlMappingNode section)
    {
        var retention = new RetentionConfig();
        foreach (var (key, value) in ConfigNodes.Entries(section, ["time", "size", "percentage"], "config.plain"))
        {
            if (ConfigNodes.IsNull(value)) continue;
            retention = key switch
            {
                "time" => retention with { Time = ConfigNodes.Duration(value) },
                "size" => retention with { SizeBytes = CheckedSize(value) },
                _ => retention with { Percentage = CheckedPercentage(value) },
            };
        }

        return retention;
    }

    private static long CheckedSize(YamlNode node)
    {
        var bytes = ConfigNodes.Size(node);
        return bytes >= 0 ? bytes : throw ConfigNodes.Wrong(node, "'storage.tsdb.retention.size' must be greater " +
            $"than or equal to 0, got -{Base2Bytes.Format(-bytes)}");
    }

    private static double CheckedPercentage(YamlNode node)
    {
        var percentage = ConfigNodes.Number(node);
        return percentage is >= 0 and <= 100 ? percentage : throw ConfigNodes.Wrong(node, string.Create(
            CultureInfo.InvariantCulture,
            $"'storage.tsdb.retention.percentage' must be in the range [0, 100], got {percentage}"));
    }

    private static bool? ReadEncoding(YamlMappingNode section)
    {
        bool? isXor2 = null;
        foreach (var (_, value) in ConfigNodes.Entries(section, ["floats"], "config.ChunkEncodingConfig"))
        {
            var text = ConfigNodes.Text(value);
            isXor2 = text switch
            {
                "xor" => false,
                "xor2" => true,
                "" => isXor2,
                _ => throw ConfigNodes.Wrong(value, "'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', " +
                    $"or the field must be omitted entirely, got {GoText.Quote(text)}"),
            };
        }

        return isXor2;
    }

    // A section that is there but gives no number means none, as in Prometheus.
    private static StorageConfig ReadExemplars(StorageConfig config, YamlMappingNode section, YamlNode value)
    {
        if (ConfigNodes.IsNull(value)) return config;
        config = config with { MaxExemplars = 0 };
        foreach (var (_, number) in ConfigNodes.Entries(section, ["max_exemplars"], "config.ExemplarsConfig"))
            config = config with { MaxExemplars = ConfigNodes.Integer(number) };
        return config;
    }
}
