namespace PromHost.LoadTest;

/// <summary>A query whose latency is measured.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Text">The PromQL.</param>
/// <param name="StepSeconds">The step of a range query over the data; 0: an instant query at their end.</param>
internal sealed record LoadQuery(string Name, string Text, int StepSeconds)
{
    /// <summary>Is it one over native histograms, which not every peer answers?</summary>
    public bool IsNative { get; init; }

    /// <summary>The few that every load test asks.</summary>
    public static IReadOnlyList<LoadQuery> All { get; } =
    [
        new("instant, 1 metric", "node_load1", 0),
        new("instant, count by name of all", "count by (__name__) ({__name__!=\"\"})", 0),
        new("rate of cpu", "rate(node_cpu_seconds_total[5m])", 60),
        new("sum by mode of rate, step 15 s", "sum by (mode) (rate(node_cpu_seconds_total[5m]))", 15),
        new("sum by collector", "sum by (collector) (node_scrape_collector_duration_seconds)", 60),
        new("max_over_time 1 h", "max_over_time(node_load1[1h])", 60),
        new("quantile_over_time 30 m", "quantile_over_time(0.95, node_load5[30m])", 60),
        new("avg by name of memory", "avg by (__name__) ({__name__=~\"node_memory_.*\"})", 60),
    ];

    /// <summary>Every operator and every kind of function, and the few.</summary>
    public static IReadOnlyList<LoadQuery> OfEveryKind { get; } =
    [
        .. All,
        .. Selectors(),
        .. Aggregations(),
        .. RangeFunctions(),
        .. Operators(),
        .. Functions(),
        .. Native(),
    ];

    private static LoadQuery[] Selectors() =>
    [
        Range("node_load1"),
        Range("node_network_receive_bytes_total{device!=\"lo\"} offset 30m"),
        Range("node_load5 @ end()"),
        Instant("sum({__name__=~\"node_(cpu|network|disk).*_total\"})"),
        Instant("count({job=\"node-exporter\"})"),
        Instant("{instance=\"10.0.7.17:9100\"}"),
        Instant("node_cpu_seconds_total{mode=~\"idle|user\",pod=~\".*7.*\"}"),
    ];

    private static LoadQuery[] Aggregations() =>
    [
        Range("sum(node_cpu_seconds_total)"),
        Range("avg without (cpu) (node_cpu_seconds_total)"),
        Range("min by (mode) (node_cpu_seconds_total)"),
        Range("max by (instance) (node_cpu_seconds_total)"),
        Range("count by (instance, mode) (node_cpu_seconds_total)"),
        Range("group by (mode) (node_cpu_seconds_total)"),
        Range("stddev by (mode) (node_cpu_seconds_total)"),
        Range("stdvar by (mode) (node_cpu_seconds_total)"),
        Range("quantile by (mode) (0.9, node_cpu_seconds_total)"),
        Range("topk(5, node_load1)"),
        Range("bottomk by (mode) (3, node_cpu_seconds_total)"),
        Range("count_values(\"value\", node_network_mtu_bytes)"),
        Range("sum by (instance) (rate(node_network_receive_bytes_total[5m]))"),
        Instant("topk(10, sum by (instance) (rate(node_cpu_seconds_total{mode!=\"idle\"}[5m])))"),
        Instant("sum by (collector) (node_scrape_collector_success)"),
    ];

    private static LoadQuery[] RangeFunctions() =>
    [
        Range("increase(node_network_transmit_bytes_total[10m])"),
        Range("delta(node_memory_MemFree_bytes[10m])"),
        Range("irate(node_cpu_seconds_total[5m])"),
        Range("idelta(node_memory_MemFree_bytes[5m])"),
        Range("deriv(node_memory_MemFree_bytes[10m])"),
        Range("predict_linear(node_filesystem_avail_bytes[30m], 3600)"),
        Range("resets(node_cpu_seconds_total[30m])"),
        Range("changes(node_load1[30m])"),
        Range("avg_over_time(node_load1[10m])"),
        Range("sum_over_time(node_load1[10m])"),
        Range("min_over_time(node_load1[10m])"),
        Range("count_over_time(node_load1[10m])"),
        Range("stddev_over_time(node_load1[10m])"),
        Range("last_over_time(node_load1[10m])"),
        Range("present_over_time(node_load1[10m])"),
        Range("max_over_time(rate(node_cpu_seconds_total{mode=\"user\"}[5m])[30m:1m])"),
        Instant("rate(node_cpu_seconds_total[1h])"),
    ];

    private static LoadQuery[] Operators() =>
    [
        Range("node_memory_MemFree_bytes / node_memory_MemTotal_bytes"),
        Range("100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)"),
        Range("node_cpu_seconds_total / ignoring (mode, cpu) group_left () node_load1"),
        Range("node_load1 > 0.3"),
        Range("node_load1 > bool node_load5"),
        Range("node_load1 > 0.3 and node_load5 > 0.3"),
        Range("node_load1 > 0.5 or node_load5"),
        Range("node_load1 unless node_load5 > 0.3"),
        Range("-node_cpu_seconds_total ^ 2"),
        Range("sum by (instance) (rate(node_cpu_seconds_total{mode!=\"idle\"}[5m])) / " +
            "sum by (instance) (rate(node_cpu_seconds_total[5m]))"),
    ];

    private static LoadQuery[] Functions() =>
    [
        Range("histogram_quantile(0.95, sum by (le, handler) (rate(http_request_duration_seconds_bucket[5m])))"),
        Range("histogram_quantile(0.5, rate(http_request_duration_seconds_bucket[5m]))"),
        Range("label_replace(node_cpu_seconds_total, \"core\", \"c$1\", \"cpu\", \"(.*)\")"),
        Range("label_join(node_cpu_seconds_total, \"where\", \"-\", \"cpu\", \"mode\")"),
        Range("clamp_max(round(node_load1, 0.1), 1)"),
        Range("ln(node_cpu_seconds_total)"),
        Range("absent(node_load1)"),
        Range("time() - node_boot_time_seconds"),
        Range("timestamp(node_load1)"),
        Range("hour(node_boot_time_seconds)"),
        Range("scalar(sum(node_load1)) + vector(1)"),
        Instant("sort_desc(node_cpu_seconds_total)"),
    ];

    private static LoadQuery[] Native() =>
    [
        Native("{h}"),
        Native("rate({h}[5m])"),
        Native("sum(rate({h}[5m]))"),
        Native("sum by (handler) (rate({h}[5m]))"),
        Native("histogram_quantile(0.9, sum by (job) (rate({h}[5m])))"),
        Native("increase({h}[5m])"),
        Native("sum_over_time({h}[5m])"),
        Native("resets({h}[30m])"),
        Native("histogram_count({h})"),
        Native("histogram_avg(rate({h}[5m]))"),
        Native("avg({h})"),
        Native("{h} + {h} offset 5m"),
    ];

    private static LoadQuery Native(string text) =>
        Range(text.Replace("{h}", "rpc_duration_seconds", StringComparison.Ordinal)) with { IsNative = true };

    private static LoadQuery Range(string text) => new(text, text, 60);

    private static LoadQuery Instant(string text) => new("instant " + text, text, 0);
}
