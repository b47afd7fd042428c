using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>How metadata stands in the WAL.</summary>
internal static class MetadataRecords
{
    private static readonly string[] Types =
        ["unknown", "counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset"];

    /// <summary>The record's entry for a family.</summary>
    /// <param name="family">The family.</param>
    /// <param name="metadata">What is known of it.</param>
    /// <param name="metricName">The name of the series that carries it.</param>
    /// <param name="walRef">The number of that series.</param>
    public static WalMetadata Encode(string family, MetricMetadata metadata, string metricName, ulong walRef)
    {
        var type = (byte)Math.Max(0, Array.IndexOf(Types, metadata.Type));
        var isPlain = string.Equals(FamilyOf(metricName, type), family, StringComparison.Ordinal);
        return new WalMetadata(walRef, type, metadata.Unit, metadata.Help, isPlain ? "" : family);
    }

    /// <summary>The family and what the record says of it.</summary>
    public static (string Family, MetricMetadata Metadata) Decode(WalMetadata logged, string metricName)
    {
        var type = logged.Type < Types.Length ? Types[logged.Type] : Types[0];
        var family = logged.Family.Length > 0 ? logged.Family : FamilyOf(metricName, logged.Type);
        return (family, new MetricMetadata(type, logged.Help, logged.Unit));
    }

    // The family that a series of a Prometheus belongs to, which names none in its records.
    private static string FamilyOf(string metricName, byte type)
    {
        ReadOnlySpan<string> suffixes = type switch
        {
            3 => ["_bucket", "_count", "_sum"],
            4 => ["_bucket", "_gcount", "_gsum"],
            5 => ["_count", "_sum"],
            _ => [],
        };
        foreach (var suffix in suffixes)
        {
            if (metricName.Length > suffix.Length && metricName.EndsWith(suffix, StringComparison.Ordinal))
                return metricName[..^suffix.Length];
        }

        return metricName;
    }
}
