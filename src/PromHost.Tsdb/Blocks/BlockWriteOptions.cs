namespace PromHost.Tsdb;

/// <summary>What a block is to be.</summary>
internal sealed record BlockWriteOptions
{
    /// <summary>First timestamp that the block may hold, inclusive.</summary>
    public required long MinTimeMs { get; init; }

    /// <summary>Where its time ends, exclusive.</summary>
    public required long MaxTimeMs { get; init; }

    /// <summary>How often the data were compacted; 1 for a block from samples.</summary>
    public int Level { get; init; } = 1;

    /// <summary>The level-1 blocks that the data come from; none: the block itself.</summary>
    public IReadOnlyList<Ulid> Sources { get; init; } = [];

    /// <summary>The blocks that it is made from.</summary>
    public IReadOnlyList<BlockParent> Parents { get; init; } = [];

    /// <summary>Hints of <see cref="BlockCompaction"/>.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];

    /// <summary>Path of the directory that the block goes into, below the data directory.</summary>
    public string Folder { get; init; } = "";

    /// <summary>
    /// Called often while the block is written, on the same thread; never in the midst of a series. It may take as long
    /// as it likes, and write other blocks. What it throws ends the writing.
    /// </summary>
    public Action? Pause { get; init; }

    /// <summary>Length that a chunk file does not exceed unless a single chunk does.</summary>
    public long ChunksFileBytes { get; init; } = BlockFormat.ChunksFileBytes;
}
