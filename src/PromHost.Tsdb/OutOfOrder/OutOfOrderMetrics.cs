using System.Diagnostics.Metrics;

namespace PromHost.Tsdb;

/// <summary>What the database tells of samples that came out of order, under Prometheus's names.</summary>
internal static class OutOfOrderMetrics
{
    private const int Minute = 60;
    private const int Hour = 60 * Minute;

    /// <summary>Adds the instruments to the database's meter.</summary>
    public static void Add(Meter meter, Database database)
    {
        AddDelays(meter, database);
        meter.CreateObservableGauge(
            "prometheus_tsdb_out_of_order_wbl_segment_current",
            () => database.WblPosition.Segment,
            description: "The segment of the out-of-order log that is written to.");
        meter.CreateObservableGauge(
            "prometheus_tsdb_out_of_order_wbl_storage_size_bytes",
            () => database.WblSizeBytes,
            description: "Size of the out-of-order log.");
        meter.CreateObservableCounter(
            "prometheus_tsdb_out_of_order_wbl_writes_failed_total",
            () => database.Counters?.WblFailures ?? 0,
            description: "Writes to the out-of-order log that failed.");
    }

    private static void AddDelays(Meter meter, Database database)
    {
        var delays = meter.CreateHistogram(
            "prometheus_tsdb_sample_ooo_delta",
            description: "How far samples that came out of order lie behind the head, in seconds, stored or not.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries =
                    [10 * Minute, 30 * Minute, Hour, 2 * Hour, 3 * Hour, 6 * Hour, 12 * Hour],
            });
        database.Head.OutOfOrder.Delays = delays;
    }
}
