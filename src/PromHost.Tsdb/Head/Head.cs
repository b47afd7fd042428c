namespace PromHost.Tsdb;

/// <summary>
/// The part of the database that is written to: the series in memory with their newest samples, and the index of their
/// labels. Series are created by any thread, samples appended by the committer only, everything read by any thread.
/// </summary>
internal sealed class Head
{
    private long _minValidTimeMs = long.MinValue;

    public Head(long blockRangeMs, ExemplarRing? exemplars = null)
    {
        Exemplars = exemplars ?? new ExemplarRing(0, 0);
        var hash = new SeededHash();
        Index = new LabelIndex(hash);
        Table = new SeriesTable(hash, Store, Index, Epochs);
        Appender = new SeriesAppender(Store, FullChunks, Isolation, blockRangeMs);
        OutOfOrder = new OutOfOrderHead(Store, FullChunks);
        Removal = new SeriesRemoval(Table, Epochs);
    }

    /// <summary>How samples become chunks; set before there are any.</summary>
    public ChunkRules Rules
    {
        get;
        set
        {
            field = value;
            Appender.Rules = value;
            OutOfOrder.Rules = value;
        }
    } = ChunkRules.Merged;

    /// <summary>
    /// Samples in order before it lie in blocks (Prometheus: <c>minValidTime</c>): they are not taken from the log, nor
    /// appended in order. Never falls.
    /// </summary>
    public long MinValidTimeMs
    {
        get => Volatile.Read(ref _minValidTimeMs);
        set => Volatile.Write(ref _minValidTimeMs, Math.Max(value, _minValidTimeMs));
    }

    /// <summary>The samples.</summary>
    public SeriesStore Store { get; } = new();

    /// <summary>Names, pairs and postings.</summary>
    public LabelIndex Index { get; }

    /// <summary>Finds and creates series.</summary>
    public SeriesTable Table { get; }

    /// <summary>Who reads the head, so that nothing is freed under them.</summary>
    public Epochs Epochs { get; } = new();

    /// <summary>What is deleted.</summary>
    public HeadTombstones Tombstones { get; } = new();

    /// <summary>The chunks that are full.</summary>
    public FullChunks FullChunks { get; } = new();

    /// <summary>Which commits a view sees.</summary>
    public Isolation Isolation { get; } = new();

    /// <summary>Appends samples; for the committer.</summary>
    public SeriesAppender Appender { get; }

    /// <summary>Takes series out; for the committer.</summary>
    public SeriesRemoval Removal { get; }

    /// <summary>The samples that came out of order.</summary>
    public OutOfOrderHead OutOfOrder { get; }

    /// <summary>What is known of metric families.</summary>
    public MetadataStore Metadata { get; } = new();

    /// <summary>The newest exemplars.</summary>
    public ExemplarRing Exemplars { get; }

    /// <summary>
    /// Other numbers under which the log knows series, as the last replay found them; some series may be gone.
    /// </summary>
    public IReadOnlyList<OtherSeriesRef> OtherRefs { get; set; } = [];

    /// <summary>The memory of the head by what it is for. Any thread's; cheap.</summary>
    public HeadMemory MemoryUse() => new(
        Store.StateBytes + Table.RecordBytes,
        Index.SymbolBytes + Store.LabelBytes,
        Index.PostingsBytes,
        Table.AliasBytes,
        Store.Buffers.SizeBytes,
        Store.MappedBytes + FullChunks.MemoryBytes);
}
