namespace PromHost.LoadTest;

/// <summary>A query whose latency is measured.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Text">The PromQL.</param>
/// <param name="StepSeconds">The step of a range query over the data; 0: an instant query at their end.</param>
internal sealed record LoadQuery(string Name, string Text, int StepSeconds)
{
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
}
