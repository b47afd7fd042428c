using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>The kinds of files of a data directory, and what the loss of each may cost.</summary>
internal static class DamagedFiles
{
    public const string BlockTombstones = "block/tombstones";
    public const string BlockChunks = "block/chunks/000001";

    private const string Checkpoint = "wal/checkpoint";
    private const string FirstSegment = "wal/first";
    private const string MiddleSegment = "wal/middle";
    private const string LastSegment = "wal/last";
    private const string FirstLate = "wbl/first";
    private const string LastLate = "wbl/last";
    private const string BlockIndex = "block/index";
    private const string BlockMeta = "block/meta.json";

    /// <summary>All kinds.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
    [
        FirstSegment, MiddleSegment, LastSegment, Checkpoint, FirstLate, LastLate,
        "chunks_head/first", "chunks_head/middle", "chunks_head/last",
        BlockIndex, BlockChunks, BlockMeta, BlockTombstones, "promhost/last-series-ref", "promhost/reserve",
    ];

    /// <summary>The path of the file of a kind.</summary>
    public static string Find(IDataDirectory directory, string kind)
    {
        var slash = kind.IndexOf('/', StringComparison.Ordinal);
        var (folder, name) = (kind[..slash], kind[(slash + 1)..]);
        if (kind == Checkpoint)
            return $"{WalSegments.CheckpointPathOf("wal", WalSegments.LastCheckpoint(directory, "wal"))}/00000000";
        // The oldest one has tombstones, and nothing of it is in the log any more.
        if (folder == "block")
        {
            folder = directory.List("").Where(entry => Ulid.TryParse(entry, out _))
                .MinBy(entry => BlockMetaFile.Read(directory, $"{entry}/{BlockMetaFile.FileName}").MinTimeMs)!;
        }

        if (name is not ("first" or "middle" or "last")) return $"{folder}/{name}";
        var files = directory.List(folder).Where(file => directory.FileExists($"{folder}/{file}") && Length(file) > 0)
            .Order(StringComparer.Ordinal).ToList();
        files.Should().HaveCountGreaterThan(folder == "wbl" ? 1 : 2);
        var index = name switch { "first" => 0, "middle" => files.Count / 2, _ => files.Count - 1 };
        return $"{folder}/{files[index]}";

        long Length(string file)
        {
            using var opened = directory.OpenRead($"{folder}/{file}");
            return opened.Length;
        }
    }

    /// <summary>
    /// Does nothing tell of the fault? Logs end somewhere, the one of late samples also begins somewhere; a block
    /// without deletions has no tombstones.
    /// </summary>
    public static bool IsBeyondKnowing(string kind, Fault fault) => kind switch
    {
        LastSegment or FirstLate or LastLate => fault is Fault.Missing or Fault.Empty,
        BlockTombstones => fault == Fault.Missing,
        _ => false,
    };

    /// <summary>Does the damage stay where it is, because the rest of the file can be used?</summary>
    public static bool StaysInPlace(string kind) => kind is BlockIndex or BlockChunks;

    /// <summary>May these samples be lost? What is in another place as well must not be.</summary>
    public static bool MayLose(string kind, long headStartMs, IReadOnlyList<(Labels Labels, long T)> lost) =>
        kind switch
        {
            _ when lost.Count == 0 => true,
            BlockIndex or BlockChunks => lost.All(sample => sample.T < headStartMs),
            FirstSegment or MiddleSegment or LastSegment => lost.All(sample => sample.T >= headStartMs),
            // Only it says whose the samples of the head are.
            Checkpoint => lost.All(sample => sample.T >= headStartMs || DirectoryToDamage.IsLate(sample.T)),
            FirstLate or LastLate => lost.All(sample => DirectoryToDamage.IsLate(sample.T)),
            _ => false,
        };
}
