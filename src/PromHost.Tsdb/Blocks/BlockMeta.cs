using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>What a block's <c>meta.json</c> says of it. Immutable.</summary>
internal sealed record BlockMeta
{
    /// <summary>The block's name.</summary>
    public required Ulid Id { get; init; }

    /// <summary>First timestamp that the block may hold, inclusive.</summary>
    public required long MinTimeMs { get; init; }

    /// <summary>Where its time ends, exclusive.</summary>
    public required long MaxTimeMs { get; init; }

    /// <summary>What it holds.</summary>
    public BlockStats Stats { get; init; }

    /// <summary>Where it comes from.</summary>
    public BlockCompaction Compaction { get; init; } = new();

    /// <summary>The same for operators.</summary>
    public BlockStatus ToStatus() => new()
    {
        Id = Id.ToString(),
        MinTimeMs = MinTimeMs,
        MaxTimeMs = MaxTimeMs,
        Samples = Stats.Samples,
        FloatSamples = Stats.FloatSamples,
        HistogramSamples = Stats.HistogramSamples,
        Series = Stats.Series,
        Chunks = Stats.Chunks,
        Tombstones = Stats.Tombstones,
        Level = Compaction.Level,
        Sources = [.. Compaction.Sources.Select(source => source.ToString())],
        Parents = [.. Compaction.Parents.Select(p => (p.Id.ToString(), p.MinTimeMs, p.MaxTimeMs))],
        IsDeletable = Compaction.IsDeletable,
        IsFailed = Compaction.IsFailed,
        Hints = Compaction.Hints,
    };
}
