using System.Diagnostics.Metrics;
using PromHost.PromQL;

namespace PromHost.Api;

/// <summary>Counts and times the queries that came over HTTP. Thread-safe.</summary>
internal sealed class QueryMetrics
{
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _samples;
    private readonly Counter<long> _samplesRead;

    public QueryMetrics(Meter meter)
    {
        _durations = meter.CreateHistogram(
            "prometheus_engine_query_duration_histogram_seconds",
            unit: "s",
            description: "The duration of various parts of PromQL query execution.",
            tags: null,
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [.01, .1, 1, 10] });
        _samples = meter.CreateCounter<long>("prometheus_engine_query_samples_total", null,
            "Samples that all queries looked at, again at every step.");
        _samplesRead = meter.CreateCounter<long>("prometheus_engine_query_samples_read_total", null,
            "Samples that all queries read, each once.");
    }

    /// <summary>Counts one query that was answered.</summary>
    public void Record(QueryStatistics statistics)
    {
        Record("queue_time", statistics.QueueTime);
        Record("prepare_time", statistics.PreparationTime);
        Record("inner_eval", statistics.InnerEvaluationTime);
        Record("result_sort", statistics.ResultSortTime);
        _samples.Add(statistics.TotalQueryableSamples);
        _samplesRead.Add(statistics.SamplesRead);
    }

    private void Record(string slice, TimeSpan duration) =>
        _durations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("slice", slice));
}
