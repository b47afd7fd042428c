namespace PromHost.Tsdb;

/// <summary>The kinds of files by which damage is counted.</summary>
internal static class DamageKind
{
    /// <summary>A segment of the write-ahead log.</summary>
    public const string Wal = "wal";

    /// <summary>A checkpoint of it.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>The log of samples that came out of order.</summary>
    public const string Wbl = "wbl";

    /// <summary>A file of the head's full chunks.</summary>
    public const string ChunksHead = "chunks_head";

    /// <summary>A block or a file of it.</summary>
    public const string Block = "block";

    /// <summary>All else, PromHost's own files above all.</summary>
    public const string Other = "other";

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<string> All { get; } = [Wal, Checkpoint, Wbl, ChunksHead, Block, Other];

    /// <summary>The kind of a path below the data directory.</summary>
    public static string Of(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? path : path[..slash];
        if (first is ChunksHead or Wbl) return first;
        if (Ulid.TryParse(first, out _)) return Block;
        if (first != Wal) return Other;
        return path.AsSpan(slash + 1).StartsWith(WalSegments.CheckpointPrefix, StringComparison.Ordinal)
            ? Checkpoint
            : Wal;
    }
}
