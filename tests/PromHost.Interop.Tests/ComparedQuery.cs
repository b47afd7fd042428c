using System.Globalization;

namespace PromHost.Interop.Tests;

/// <summary>A query that Prometheus and PromHost must answer alike.</summary>
/// <param name="Text">The PromQL.</param>
/// <param name="IsRange">As a range query over the last 40 seconds of the data, or at its end?</param>
internal sealed record ComparedQuery(string Text, bool IsRange)
{
    private static readonly string[] Instant =
    [
        // Selectors and matchers.
        "up",
        "node_load1",
        """{__name__="up", job="node"}""",
        """{__name__=~"node_memory_.*_bytes"}""",
        """node_cpu_seconds_total{mode!="idle"}""",
        """node_cpu_seconds_total{mode=~"idle|user|system"}""",
        """node_cpu_seconds_total{mode!~".*i.*"}""",
        """node_filesystem_avail_bytes{fstype!=""}""",
        """go_gc_duration_seconds{quantile="0.5"}""",
        """{job=~".+", __name__=~"go_.*threads"}""",
        """node_network_receive_bytes_total{device=~"(lo|eth[0-9]+|ens.*)"}""",
        "up offset 10s",
        "node_load1 @ end()",
        "no_such_metric",
        // Rates and ranges.
        "rate(node_cpu_seconds_total[30s])",
        "irate(prometheus_tsdb_head_samples_appended_total[20s])",
        "increase(prometheus_http_requests_total[45s])",
        "delta(node_memory_MemFree_bytes[30s])",
        "idelta(node_load1[10s])",
        "deriv(node_memory_MemFree_bytes[40s])",
        "predict_linear(node_memory_MemFree_bytes[40s], 60)",
        "avg_over_time(node_load1[30s])",
        "sum_over_time(up[20s])",
        "stddev_over_time(node_load1[30s])",
        "quantile_over_time(0.9, scrape_duration_seconds[30s])",
        "changes(process_start_time_seconds[30s])",
        "resets(node_context_switches_total[30s])",
        "last_over_time(up[5s])",
        "present_over_time(up[5s])",
        "node_load1[7s]",
        // Aggregations.
        "sum by (mode) (rate(node_cpu_seconds_total[30s]))",
        "avg without (cpu) (rate(node_cpu_seconds_total[30s]))",
        """count by (__name__) ({__name__=~"node_.*"})""",
        """count({__name__!=""})""",
        "topk(3, node_memory_Active_bytes or node_memory_Inactive_bytes or node_memory_MemTotal_bytes)",
        "bottomk(2, scrape_samples_scraped)",
        "quantile(0.75, node_cpu_seconds_total)",
        "stdvar(scrape_duration_seconds)",
        """count_values("version", prometheus_build_info)""",
        "group by (job) (up)",
        "max(node_memory_MemTotal_bytes) - min(node_memory_MemFree_bytes)",
        // Joins.
        "node_memory_MemFree_bytes / node_memory_MemTotal_bytes",
        "node_memory_MemTotal_bytes > bool 1e9",
        "node_cpu_seconds_total / ignoring (mode) group_left sum without (mode) (node_cpu_seconds_total)",
        "node_cpu_seconds_total * on (instance) group_left (nodename) node_uname_info",
        "up and on (instance) node_load1",
        "up unless on (instance) node_load1",
        "up == 1 or node_load1",
        // Functions.
        "histogram_quantile(0.9, sum by (le, handler) (rate(prometheus_http_request_duration_seconds_bucket[40s])))",
        "histogram_quantile(0.5, rate(prometheus_http_response_size_bytes_bucket[30s]))",
        """label_replace(up, "port", "$1", "instance", ".*:(.*)")""",
        """label_join(up, "both", "/", "job", "instance")""",
        "sort_desc(node_load1 or node_load5 or node_load15)",
        "absent(no_such_metric{a=\"b\"})",
        "clamp_max(node_load1, 0.01)",
        "round(node_load15, 0.05)",
        "time() - process_start_time_seconds",
        "timestamp(up)",
        "hour() + minute()",
        "vector(1) + scalar(sum(up))",
        "day_of_week(node_boot_time_seconds)",
        "ln(node_memory_MemTotal_bytes) ^ 2 % 7",
        // Subqueries.
        "max_over_time(rate(node_context_switches_total[10s])[30s:5s])",
        "avg_over_time(sum(up)[20s:2s])",
        "rate(node_cpu_seconds_total[20s] offset 5s)",
        // What must fail, or warn, alike.
        "node_cpu_seconds_total + on (instance) node_cpu_seconds_total",
        "up + on (job) group_left node_cpu_seconds_total",
        """label_replace(up, "a", "$1", "b", "(")""",
        "sum(up",
        "rate(up)",
        "quantile(2, up)",
        "rate(node_load1[30s])",
        "rate({__name__=~\"node_load1|node_load5\"}[30s])",
    ];

    private static readonly string[] Range =
    [
        "up",
        "node_load1",
        "sum by (mode) (rate(node_cpu_seconds_total[15s]))",
        "rate(prometheus_tsdb_head_samples_appended_total[20s])",
        "increase(prometheus_http_requests_total[30s])",
        """count by (__name__) ({__name__=~"go_.*"})""",
        "topk(2, scrape_samples_scraped)",
        "avg_over_time(node_memory_MemFree_bytes[10s])",
        "max_over_time(node_load1[20s])",
        "min_over_time(node_memory_MemFree_bytes[20s])",
        "stddev(node_cpu_seconds_total)",
        "node_memory_MemFree_bytes / node_memory_MemTotal_bytes * 100",
        "up unless on (instance) node_load1",
        "histogram_quantile(0.95, sum by (le) (rate(prometheus_http_request_duration_seconds_bucket[30s])))",
        "node_load1 offset 15s",
        "node_load1 @ start()",
        "rate(node_context_switches_total[20s] @ end())",
        "max_over_time(rate(node_context_switches_total[10s])[20s:5s])",
        "absent(no_such_metric)",
        "time()",
        "42",
        "vector(time()) % 10",
        "timestamp(up)",
        "deriv(node_memory_MemFree_bytes[20s])",
        "quantile_over_time(0.5, scrape_duration_seconds[15s])",
        "changes(node_load1[20s])",
        """label_replace(rate(node_network_receive_bytes_total[15s]), "nic", "$1", "device", "(.*)")""",
        "sum(rate(node_cpu_seconds_total[10s])) by (cpu) > 0.01",
        "count_over_time(up[10s])",
        "node_cpu_seconds_total + on (instance) node_cpu_seconds_total",
        "node_load1[5s]",
    ];

    public static IReadOnlyList<ComparedQuery> All { get; } =
    [
        .. Instant.Select(text => new ComparedQuery(text, IsRange: false)),
        .. Range.Select(text => new ComparedQuery(text, IsRange: true)),
    ];

    public string Name => (IsRange ? "range: " : "instant: ") + Text;

    public Dictionary<string, string> Form(long endSeconds)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal) { ["query"] = Text };
        if (IsRange)
        {
            form["start"] = (endSeconds - 40).ToString(CultureInfo.InvariantCulture);
            form["end"] = endSeconds.ToString(CultureInfo.InvariantCulture);
            form["step"] = "2.5";
        }
        else
        {
            form["time"] = endSeconds.ToString(CultureInfo.InvariantCulture) + ".25";
        }

        return form;
    }
}
