using System.Diagnostics.Metrics;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// What the database tells of floats and of native histograms apart, under Prometheus's names.
/// </summary>
internal static class KindMetrics
{
    /// <summary>Adds the instruments to the database's meter.</summary>
    public static void Add(Meter meter, Database database)
    {
        AddCounter("prometheus_tsdb_head_samples_appended_total", "Samples stored.",
            (counters, areHistograms) => counters.Appended(areHistograms));
        AddCounter("prometheus_tsdb_head_out_of_order_samples_appended_total",
            "Samples stored that came out of order.",
            (counters, areHistograms) => counters.OutOfOrder(areHistograms));
        AddRejected("prometheus_tsdb_out_of_order_samples_total", AppendResult.OutOfOrder,
            "Samples rejected because they are older than the newest of their series.");
        AddRejected("prometheus_tsdb_too_old_samples_total", AppendResult.TooOld,
            "Samples rejected because the out-of-order window does not reach them.");
        AddRejected("prometheus_tsdb_out_of_bound_samples_total", AppendResult.OutOfBounds,
            "Samples rejected because they are too old and there is no out-of-order window.");
        var open = database.Head.Store.Histograms;
        meter.CreateObservableGauge(
            "prometheus_tsdb_head_native_histogram_series",
            () => open.HistogramCount,
            description: "Series whose newest sample in order is a native histogram.");
        meter.CreateObservableGauge(
            "prometheus_tsdb_head_native_histogram_buckets",
            () => open.BucketCount,
            description: "Buckets of these samples.");

        void AddRejected(string name, AppendResult reason, string description) => AddCounter(
            name, description, (counters, areHistograms) => counters.Rejected(reason, areHistograms));

        void AddCounter(string name, string description, Func<CommitCounters, bool, long> read) =>
            meter.CreateObservableCounter(name, () => Both(database.Counters, read), description: description);
    }

    private static IEnumerable<Measurement<long>> Both(CommitCounters? counters, Func<CommitCounters, bool, long> read)
    {
        yield return Of(areHistograms: false, "float");
        yield return Of(areHistograms: true, "histogram");

        Measurement<long> Of(bool areHistograms, string type) => new(
            counters is null ? 0 : read(counters, areHistograms), new KeyValuePair<string, object?>("type", type));
    }
}
