using System.Globalization;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Benchmarks;

/// <summary>
/// The series of many node_exporters, as an agent in a cluster sends them: the metric names and labels of a real
/// exporter, each target with an address and a pod of its own. Always the same.
/// </summary>
internal static class NodeFleet
{
    /// <summary>The time of scrape 0, milliseconds since the Unix epoch.</summary>
    public const long StartMs = 1_700_000_000_000;

    /// <summary>Milliseconds between two scrapes.</summary>
    public const long IntervalMs = 15_000;

    /// <summary>What one target exposes.</summary>
    public const int SeriesPerTarget = 518;

    /// <summary>The first series of every target: its <c>node_cpu_seconds_total</c>.</summary>
    public const int CpuSeriesPerTarget = 16;

    private static readonly (string Name, string Value)[][] Exposed = Expose();

    /// <summary>The labels of every series, target after target.</summary>
    public static IEnumerable<Labels> Series(int targets) =>
        Enumerable.Range(0, targets).SelectMany(
            target => Exposed.Select(exposed => Labels.FromPairs([.. exposed, .. TargetLabels(target)])));

    /// <summary>The labels as they stand in a remote-write message: field 1 of a TimeSeries, label by label.</summary>
    public static byte[] Encode(Labels labels)
    {
        using var encoded = new ByteWriter(512);
        var writer = new ProtoWriter(encoded);
        foreach (var label in labels)
        {
            var mark = writer.BeginMessage(1);
            writer.WriteBytes(1, label.Name);
            writer.WriteBytes(2, label.Value);
            writer.EndMessage(mark);
        }

        return encoded.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The value of a series at a scrape. As in a real exporter, two in five never change; the others are counters of
    /// events, counters of seconds, and gauges. The series of the processors count hundredths of seconds.
    /// </summary>
    public static double Value(int series, int scrape)
    {
        var place = series % SeriesPerTarget;
        var noise = (uint)((series * 7919) + scrape) * 2654435761u >> 24;
        if (place < CpuSeriesPerTarget) return Math.Round(series + (scrape * 0.07 * place) + (noise / 10_000.0), 2);
        return (place % 5) switch
        {
            0 or 1 => place % 7 == 0 ? 1 : 0,
            2 => (series * 1000.0) + (scrape * 300L) + noise,
            3 => Math.Round(scrape * 1.37 + (noise / 1000.0), 3),
            _ => 4_000_000_000 + (noise * 4096.0),
        };
    }

    private static (string Name, string Value)[] TargetLabels(int target)
    {
        var hash = (uint)(target + 1) * 2654435761u;
        return
        [
            ("instance", string.Create(CultureInfo.InvariantCulture, $"10.{target / 250}.{target % 250}.17:9100")),
            ("job", "node-exporter"), ("cluster", "prod-eu-1"), ("namespace", "monitoring"),
            ("pod", string.Create(CultureInfo.InvariantCulture, $"node-exporter-{target:x4}-{hash:x8}")),
        ];
    }

    private static (string Name, string Value)[][] Expose()
    {
        string[] cpus = ["0", "1"];
        List<(string Name, string Value)[]> all =
        [
            .. cpus.SelectMany(cpu => Split("idle iowait irq nice softirq steal system user").Select(
                mode => Of("node_cpu_seconds_total", ("cpu", cpu), ("mode", mode)))),
            .. cpus.SelectMany(cpu => Split("nice user").Select(
                mode => Of("node_cpu_guest_seconds_total", ("cpu", cpu), ("mode", mode)))),
            .. Split(NodeMetricNames.OfProcessors).SelectMany(name => cpus.Select(cpu => Of(name, ("cpu", cpu)))),
            .. Split(NodeMetricNames.OfDevices).SelectMany(
                name => Split("eth0 ifb0 ifb1 lo").Select(device => Of(name, ("device", device)))),
            .. Split(NodeMetricNames.OfDisks).Select(name => Of(name, ("device", "vda"))),
            .. Split(NodeMetricNames.OfFilesystems).Select(
                name => Of(name, ("device", "/dev/vda1"), ("fstype", "ext4"), ("mountpoint", "/"))),
            .. Split(NodeMetricNames.OfCollectors).SelectMany(
                name => Split(NodeMetricNames.Collectors).Select(collector => Of(name, ("collector", collector)))),
            .. Split(NodeMetricNames.Plain).Select(name => Of(name)),
        ];
        return all.Count == SeriesPerTarget
            ? [.. all]
            : throw new InvalidOperationException($"{all.Count} series per target instead of {SeriesPerTarget}");
    }

    private static (string Name, string Value)[] Of(string name, params (string Name, string Value)[] labels) =>
        [(Labels.MetricName, name), .. labels];

    private static string[] Split(string names) => names.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
