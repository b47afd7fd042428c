using System.Diagnostics.Metrics;

namespace PromHost.Tsdb;

/// <summary>
/// What compaction and retention tell of themselves, under Prometheus's names where it has one. The maintenance thread
/// counts, any thread reads.
/// </summary>
internal sealed class CompactionMetrics : IDisposable
{
    // As Prometheus: from a second to two hours, each twice the one before.
    private static readonly InstrumentAdvice<double> DurationBounds = new()
    {
        HistogramBucketBoundaries = [.. Enumerable.Range(0, 14).Select(power => (double)(1 << power))],
    };

    private readonly Meter _meter = new("PromHost.Tsdb");
    private readonly TimeProvider _timeProvider;
    private readonly Histogram<double> _durations;
    private long _runs;
    private long _failed;
    private long _triggered;
    private long _vertical;
    private long _timeRetentions;
    private long _sizeRetentions;
    private long _headTruncations;
    private long _rewrittenSamples;
    private long _droppedStartTimestamps;
    private long _staleTriggered;
    private long _staleFailed;
    private int _populating;
    private int _isInRound;

    /// <summary>Makes the instruments.</summary>
    /// <param name="timeProvider">The clock.</param>
    public CompactionMetrics(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _durations = _meter.CreateHistogram(
            "prometheus_tsdb_compaction_duration_seconds",
            unit: "s",
            description: "Time that compactions took.",
            tags: null,
            advice: DurationBounds);
        Counter("prometheus_tsdb_compactions_total", "Blocks that were written.", () => Volatile.Read(ref _runs));
        Counter("prometheus_tsdb_compactions_failed_total", "Compactions that failed.", () => Failed);
        Counter("prometheus_tsdb_compactions_triggered_total", "Rounds of compaction.", () => Triggered);
        Counter(
            "prometheus_tsdb_stale_series_compactions_triggered_total",
            "Times that stale series were written to blocks early.",
            () => StaleTriggered);
        Counter(
            "prometheus_tsdb_stale_series_compactions_failed_total",
            "Those of them that failed.",
            () => Volatile.Read(ref _staleFailed));
        Counter("prometheus_tsdb_vertical_compactions_total", "Compactions of overlapping blocks.", () => Vertical);
        Counter(
            "prometheus_tsdb_time_retentions_total",
            "Times that blocks were deleted because they were too old.",
            () => Volatile.Read(ref _timeRetentions));
        Counter(
            "prometheus_tsdb_size_retentions_total",
            "Times that blocks were deleted because there was too much.",
            () => Volatile.Read(ref _sizeRetentions));
        Counter(
            "prometheus_tsdb_head_truncations_total",
            "Times that the head's oldest samples were freed.",
            () => Volatile.Read(ref _headTruncations));
        Counter(
            "promhost_tsdb_compaction_rewritten_samples_total",
            "Samples that were encoded anew when blocks were written.",
            () => Volatile.Read(ref _rewrittenSamples));
        Counter(
            "promhost_tsdb_compaction_dropped_start_timestamps_total",
            "Start timestamps that were left out because the features that keep them are off.",
            () => DroppedStartTimestamps);
        _meter.CreateObservableGauge(
            "prometheus_tsdb_compaction_populating_block",
            () => Math.Min(1, Volatile.Read(ref _populating)),
            description: "1 while a block is being written.");
        _meter.CreateObservableGauge(
            "promhost_tsdb_maintenance_running",
            () => Volatile.Read(ref _isInRound),
            description: "1 while a round of compaction, truncation and retention runs.");
    }

    /// <summary>Blocks written, or tried to.</summary>
    public long Runs => Volatile.Read(ref _runs);

    /// <summary>Compactions that failed.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Rounds of compaction.</summary>
    public long Triggered => Volatile.Read(ref _triggered);

    /// <summary>Compactions of overlapping blocks.</summary>
    public long Vertical => Volatile.Read(ref _vertical);

    /// <summary>Times that stale series were written to blocks early.</summary>
    public long StaleTriggered => Volatile.Read(ref _staleTriggered);

    /// <summary>Start timestamps that were left out.</summary>
    public long DroppedStartTimestamps => Volatile.Read(ref _droppedStartTimestamps);

    /// <summary>Counts what was encoded anew for a block.</summary>
    public void Add(MergedChunkSource source)
    {
        Interlocked.Add(ref _rewrittenSamples, source.RewrittenSamples);
        Interlocked.Add(ref _droppedStartTimestamps, source.DroppedStartTimestamps);
    }

    /// <summary>Tells the limits of retention.</summary>
    public void AddLimits(Retention retention)
    {
        Gauge("prometheus_tsdb_retention_limit_bytes", "What blocks and head may take, 0: no limit.",
            () => retention.SizeBytes);
        Gauge("prometheus_tsdb_retention_limit_percentage", "The same in percent of the disk, 0: no limit.",
            () => retention.Percentage);
        Gauge("prometheus_tsdb_retention_limit_seconds", "How long samples are kept, 0: no limit.",
            () => retention.TimeMs / 1000.0);
    }

    /// <summary>
    /// Begins the writing of a block; disposing of the result ends it. A merge that pauses for the head lasts on.
    /// </summary>
    public Run Begin()
    {
        Interlocked.Increment(ref _populating);
        return new Run(this, _timeProvider.GetTimestamp());
    }

    /// <summary>Counts a compaction that failed.</summary>
    public void AddFailed() => Interlocked.Increment(ref _failed);

    /// <summary>Counts a round, which begins.</summary>
    public void BeginRound()
    {
        Interlocked.Increment(ref _triggered);
        Volatile.Write(ref _isInRound, 1);
    }

    /// <summary>The round has ended.</summary>
    public void EndRound() => Volatile.Write(ref _isInRound, 0);

    /// <summary>Counts an early compaction of stale series.</summary>
    public void AddStaleTriggered() => Interlocked.Increment(ref _staleTriggered);

    /// <summary>Counts one that failed.</summary>
    public void AddStaleFailed() => Interlocked.Increment(ref _staleFailed);

    /// <summary>Counts a compaction of overlapping blocks.</summary>
    public void AddVertical() => Interlocked.Increment(ref _vertical);

    /// <summary>Counts a truncation of the head.</summary>
    public void AddHeadTruncation() => Interlocked.Increment(ref _headTruncations);

    /// <summary>Counts what retention deletes.</summary>
    public void Add(RetentionVerdict verdict)
    {
        if (verdict.ByTime.Count > 0) Interlocked.Increment(ref _timeRetentions);
        if (verdict.BySize.Count > 0) Interlocked.Increment(ref _sizeRetentions);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string description, Func<double> read) =>
        _meter.CreateObservableGauge(name, read, description: description);

    private void Counter(string name, string description, Func<long> read) =>
        _meter.CreateObservableCounter(name, read, description: description);

    /// <summary>The writing of a block.</summary>
    internal readonly struct Run(CompactionMetrics metrics, long startTimestamp) : IDisposable
    {
        /// <summary>Time since it began.</summary>
        public TimeSpan Elapsed => metrics._timeProvider.GetElapsedTime(startTimestamp);

        /// <inheritdoc/>
        public void Dispose()
        {
            Interlocked.Decrement(ref metrics._populating);
            Interlocked.Increment(ref metrics._runs);
            metrics._durations.Record(Elapsed.TotalSeconds);
        }
    }
}
