namespace PromHost.Tsdb;

/// <summary>Where a block comes from. Immutable.</summary>
internal sealed record BlockCompaction
{
    /// <summary>Hint: holds out-of-order samples, not all of its range.</summary>
    public const string FromOutOfOrder = "from-out-of-order";

    /// <summary>Hint: holds the series that had gone stale, not all of its range.</summary>
    public const string FromStaleSeries = "from-stale-series";

    /// <summary>Hint: holds series that somebody chose, not all of its range.</summary>
    public const string FromSelectedSeries = "from-selected-series";

    /// <summary>How often the data were compacted; 1 for a block written from samples.</summary>
    public int Level { get; init; } = 1;

    /// <summary>The level-1 blocks that the data come from, ascending; itself for such a block.</summary>
    public IReadOnlyList<Ulid> Sources { get; init; } = [];

    /// <summary>Did a compaction of it give a block without samples? Then it is deleted at the next occasion.</summary>
    public bool IsDeletable { get; init; }

    /// <summary>The blocks that this one was made from.</summary>
    public IReadOnlyList<BlockParent> Parents { get; init; } = [];

    /// <summary>Did a compaction of it fail?</summary>
    public bool IsFailed { get; init; }

    /// <summary>Hints, sorted; unknown ones are kept.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];

    /// <summary>Is there this hint?</summary>
    public bool HasHint(string hint) => Hints.Contains(hint, StringComparer.Ordinal);
}
