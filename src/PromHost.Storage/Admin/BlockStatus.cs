namespace PromHost.Storage;

/// <summary>What a storage tells of one of its blocks.</summary>
public sealed record BlockStatus
{
    /// <summary>Its name.</summary>
    public required string Id { get; init; }

    /// <summary>First timestamp that it may hold, inclusive.</summary>
    public required long MinTimeMs { get; init; }

    /// <summary>Where its time ends, exclusive.</summary>
    public required long MaxTimeMs { get; init; }

    /// <summary>Samples of all kinds.</summary>
    public long Samples { get; init; }

    /// <summary>Float samples; 0 also where they were not counted apart.</summary>
    public long FloatSamples { get; init; }

    /// <summary>Native histograms; 0 also where they were not counted apart.</summary>
    public long HistogramSamples { get; init; }

    /// <summary>Series.</summary>
    public long Series { get; init; }

    /// <summary>Chunks.</summary>
    public long Chunks { get; init; }

    /// <summary>Deleted intervals over all series.</summary>
    public long Tombstones { get; init; }

    /// <summary>How often its data were compacted; 1 for a block written from samples.</summary>
    public int Level { get; init; } = 1;

    /// <summary>The blocks of level 1 that the data come from.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>The blocks that it was made from: name, first timestamp, end.</summary>
    public IReadOnlyList<(string Id, long MinTimeMs, long MaxTimeMs)> Parents { get; init; } = [];

    /// <summary>Is it to be deleted?</summary>
    public bool IsDeletable { get; init; }

    /// <summary>Did a compaction of it fail?</summary>
    public bool IsFailed { get; init; }

    /// <summary>What else its writer said of it.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];
}
