using System.Diagnostics.Metrics;

namespace PromHost.Tsdb;

/// <summary>
/// What the database tells of itself, under Prometheus's names where it has one. Everything is read when asked for:
/// nothing is counted on the way of a sample.
/// </summary>
internal sealed class DatabaseMetrics : IDisposable
{
    private readonly Meter _meter = new("PromHost.Tsdb");

    public DatabaseMetrics(Database database)
    {
        AddHead(database);
        AddTimes(database);
        AddSamples(database);
        AddLog(database);
        AddBlocks(database.Blocks);
        AddDamages(database.Damages);
        AddExemplars(database.Head.Exemplars);
        AddMetadata(database.Head.Metadata);
        OutOfOrderMetrics.Add(_meter, database);
        HeadImageMetrics.Add(_meter, database);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void AddHead(Database database)
    {
        var head = database.Head;
        Gauge("prometheus_tsdb_head_series", "Series in the head.", () => head.Table.LivingCount);
        Counter(
            "prometheus_tsdb_head_series_created_total", "Series created in the head.", () => head.Table.CreatedCount);
        Counter(
            "prometheus_tsdb_head_series_removed_total",
            "Series removed from the head.",
            () => head.Table.RemovedCount);
        Gauge(
            "prometheus_tsdb_head_chunks",
            "Chunks in the head.",
            () => head.Appender.ChunksCreated - head.Appender.ChunksRemoved);
        Counter(
            "prometheus_tsdb_head_chunks_removed_total",
            "Chunks removed from the head.",
            () => head.Appender.ChunksRemoved);
        Counter(
            "prometheus_tsdb_head_chunks_created_total",
            "Chunks created in the head.",
            () => head.Appender.ChunksCreated);
        Counter(
            "prometheus_tsdb_mmap_chunks_total", "Chunks written to mapped files.", () => head.FullChunks.Written);
        Counter(
            "promhost_tsdb_head_chunk_write_failures_total",
            "Full chunks that stay in memory because they could not be written.",
            () => head.FullChunks.WriteFailures);
        Gauge(
            "promhost_tsdb_head_chunk_buffers_bytes",
            "Memory of the buffers of open chunks.",
            () => head.Store.Buffers.SizeBytes);
        _meter.CreateObservableGauge(
            "promhost_tsdb_head_memory_bytes",
            () => head.MemoryUse().ToParts().Select(part => new Measurement<long>(
                part.Value, new KeyValuePair<string, object?>("purpose", part.Key))),
            description: "Memory of the head by what it is for.");
        Gauge(
            "prometheus_tsdb_isolation_high_watermark",
            "The last commit that queries see.",
            () => (long)head.Isolation.Published);
        Gauge(
            "prometheus_tsdb_isolation_low_watermark",
            "The commit of the oldest open query.",
            () => (long)head.Isolation.OldestView);
    }

    private void AddBlocks(BlockSet blocks)
    {
        Gauge("prometheus_tsdb_blocks_loaded", "Blocks that are open.", () => blocks.Current.Blocks.Count);
        Gauge(
            "prometheus_tsdb_storage_blocks_bytes",
            "Bytes of all blocks on disk.",
            () => blocks.Current.SizeBytes);
        Gauge(
            "prometheus_tsdb_symbol_table_size_bytes",
            "Bytes of memory that the tables of the blocks' symbols take.",
            () => blocks.Current.Blocks.Sum(block => block.Index.Symbols.TableSizeBytes));
        Gauge(
            "promhost_tsdb_blocks_cached_bytes",
            "Bytes of labels and postings of blocks kept for the next query.",
            () => blocks.CachedBytes);
        Counter(
            "promhost_tsdb_unreadable_blocks_total",
            "Blocks that could not be opened and were put aside or left alone.",
            () => blocks.UnreadableCount);
    }

    private void AddTimes(Database database)
    {
        Gauge(
            "prometheus_tsdb_head_min_time",
            "Timestamp of the oldest sample of the head, in milliseconds.",
            () => MinTimeMs(database));
        Gauge(
            "prometheus_tsdb_head_max_time",
            "Timestamp of the newest sample of the head, in milliseconds.",
            () => MaxTimeMs(database));
        Gauge(
            "prometheus_tsdb_head_min_time_seconds",
            "Timestamp of the oldest sample of the head.",
            () => MinTimeMs(database) / 1000);
        Gauge(
            "prometheus_tsdb_head_max_time_seconds",
            "Timestamp of the newest sample of the head.",
            () => MaxTimeMs(database) / 1000);
        Gauge(
            "prometheus_tsdb_lowest_timestamp",
            "Timestamp of the oldest sample stored, in milliseconds.",
            () => LowestTimeMs(database));
        Gauge(
            "prometheus_tsdb_lowest_timestamp_seconds",
            "Timestamp of the oldest sample stored.",
            () => LowestTimeMs(database) / 1000);
        _meter.CreateObservableGauge(
            "prometheus_tsdb_data_replay_duration_seconds",
            () => database.ReplayDuration.TotalSeconds,
            description: "Time that the replay of the head took.");
    }

    private void AddSamples(Database database)
    {
        KindMetrics.Add(_meter, database);
        _meter.CreateObservableCounter(
            "promhost_tsdb_rejected_samples_total",
            () => Rejected(database),
            description: "Samples rejected, by reason.");
        Counter(
            "promhost_tsdb_already_stored_samples_total",
            "Samples offered again with equal value.",
            () => database.Counters?.SamplesAlreadyStored ?? 0);
        Counter("promhost_tsdb_batches_total", "Batches committed.", () => database.Counters?.Batches ?? 0);
        Counter(
            "promhost_tsdb_commits_total",
            "Groups of batches committed together.",
            () => database.Counters?.Groups ?? 0);
    }

    private void AddLog(Database database)
    {
        Gauge(
            "prometheus_tsdb_wal_segment_current",
            "The WAL segment that is written to.",
            () => database.WalPosition.Segment);
        Counter("promhost_tsdb_wal_syncs_total", "Syncs of the WAL.", () => database.Counters?.WalSyncs ?? 0);
        Counter(
            "prometheus_tsdb_wal_writes_failed_total",
            "Writes to the WAL that failed.",
            () => database.Counters?.WalFailures ?? 0);
        Gauge(
            "promhost_tsdb_disk_free_bytes",
            "Free space of the data directory's file system, looked up once a second.",
            () => database.Disk?.FreeBytes ?? 0);
        Gauge(
            "promhost_tsdb_disk_low",
            "1 while writes are refused because there is less free space than is to be kept.",
            () => database.Disk is { IsLow: true } ? 1 : 0);
        Gauge(
            "promhost_tsdb_writes_closed",
            "1 when the log failed and no writes are taken until a restart.",
            () => database.Broken is null ? 0 : 1);
        Counter(
            "prometheus_tsdb_checkpoint_creations_total",
            "Checkpoints that were begun.",
            () => database.WalTruncation.Begun);
        Counter(
            "prometheus_tsdb_checkpoint_creations_failed_total",
            "Checkpoints that failed.",
            () => database.WalTruncation.Failed);
    }

    private void AddDamages(DamageLedger damages)
    {
        _meter.CreateObservableCounter(
            "promhost_tsdb_damages_total",
            () => damages.CountsByKind.Select(count => new Measurement<long>(
                count.Value, new KeyValuePair<string, object?>("kind", count.Name))),
            description: "Parts of the data directory that could not be read, by kind of file.");
        Counter(
            "prometheus_tsdb_wal_corruptions_total",
            "Damaged parts of the WAL, its checkpoints included.",
            () => damages.CountOf(DamageKind.Wal) + damages.CountOf(DamageKind.Checkpoint));
        Counter(
            "prometheus_tsdb_mmap_chunk_corruptions_total",
            "Damaged parts of the files of the head's full chunks.",
            () => damages.CountOf(DamageKind.ChunksHead));
    }

    private void AddExemplars(ExemplarRing exemplars)
    {
        Counter(
            "prometheus_tsdb_exemplar_exemplars_appended_total",
            "Exemplars stored.",
            () => exemplars.Appended);
        Gauge("prometheus_tsdb_exemplar_exemplars_in_storage", "Exemplars kept.", () => exemplars.Count);
        Gauge(
            "prometheus_tsdb_exemplar_series_with_exemplars_in_storage",
            "Series that have exemplars.",
            () => exemplars.SeriesCount);
        Gauge("prometheus_tsdb_exemplar_max_exemplars", "Exemplars that can be kept.", () => exemplars.Capacity);
        Counter(
            "prometheus_tsdb_exemplar_out_of_order_exemplars_total",
            "Exemplars refused because they are older than those of their series.",
            () => exemplars.OutOfOrder);
        _meter.CreateObservableGauge(
            "prometheus_tsdb_exemplar_last_exemplars_timestamp_seconds",
            () => exemplars.OldestTimeMs / 1000.0,
            description: "Timestamp of the exemplar that was stored first of those that are kept.");
    }

    private void AddMetadata(MetadataStore metadata)
    {
        Gauge("promhost_tsdb_metadata_families", "Metric families whose metadata is kept.", () => metadata.Count);
        Counter(
            "promhost_tsdb_metadata_dropped_total",
            "Metric families whose metadata was dropped because there were too many.",
            () => metadata.Dropped);
    }

    private static IEnumerable<Measurement<long>> Rejected(Database database)
    {
        if (database.Counters is not { } counters) yield break;
        foreach (var reason in CommitCounters.Reasons)
        {
            yield return new Measurement<long>(
                counters.Rejected(reason), new KeyValuePair<string, object?>("reason", reason.ToString()));
        }
    }

    // As Prometheus, whose head without samples has these bounds.
    private static long MinTimeMs(Database database) => database.Head.Appender.MinTimeMs;

    private static long LowestTimeMs(Database database) =>
        database.Blocks.Current.Blocks is [var oldest, ..] ? oldest.Meta.MinTimeMs : MinTimeMs(database);

    private static long MaxTimeMs(Database database) => database.Head.Appender.MaxTimeMs;

    private void Gauge(string name, string description, Func<long> read) =>
        _meter.CreateObservableGauge(name, read, description: description);

    private void Counter(string name, string description, Func<long> read) =>
        _meter.CreateObservableCounter(name, read, description: description);
}
