using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>Finds the files that make up a write-ahead log.</summary>
internal static class WalSegments
{
    /// <summary>How the names of checkpoints begin; the number of their last segment follows.</summary>
    public const string CheckpointPrefix = "checkpoint.";

    /// <summary>The path of a segment below the data directory.</summary>
    public static string PathOf(string walPath, int number) => $"{walPath}/{WalFormat.SegmentName(number)}";

    /// <summary>The path of the checkpoint that stands for all segments up to a number.</summary>
    public static string CheckpointPathOf(string walPath, int lastSegment) =>
        $"{walPath}/{CheckpointPrefix}{WalFormat.SegmentName(lastSegment)}";

    /// <summary>
    /// The segments of a directory in ascending order; other files are passed over. Numbers may be missing until
    /// <see cref="WalRepair.CloseHoles"/> has run.
    /// </summary>
    public static IReadOnlyList<WalSegment> List(IDataDirectory directory, string walPath)
    {
        var segments = new List<WalSegment>();
        foreach (var name in directory.List(walPath))
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && name == WalFormat.SegmentName(number))
                segments.Add(new WalSegment($"{walPath}/{name}", number));
        }

        segments.Sort((a, b) => a.Number.CompareTo(b.Number));
        return segments;
    }

    /// <summary>
    /// All that is to be replayed, in order: the segments of the newest checkpoint, then those that follow the number
    /// in its name.
    /// </summary>
    public static IReadOnlyList<WalSegment> ListForReplay(IDataDirectory directory, string walPath)
    {
        var checkpoint = LastCheckpoint(directory, walPath);
        if (checkpoint < 0)
            return List(directory, walPath);
        var name = CheckpointNames(directory, walPath).First(entry => entry.Number == checkpoint).Name;
        return
        [
            .. List(directory, $"{walPath}/{name}"),
            .. List(directory, walPath).Where(segment => segment.Number > checkpoint),
        ];
    }

    /// <summary>Deletes the segments with lower numbers, oldest first, so that none is missing in between.</summary>
    public static void DeleteBefore(IDataDirectory directory, string walPath, int firstKept)
    {
        var deleted = List(directory, walPath).Where(segment => segment.Number < firstKept).ToList();
        foreach (var segment in deleted) directory.Delete(segment.Path);
        if (deleted.Count > 0) directory.SyncDirectory(walPath);
    }

    /// <summary>The bytes of all segments; those that go away meanwhile do not count.</summary>
    public static long SizeBytes(IDataDirectory directory, string walPath)
    {
        var size = 0L;
        foreach (var segment in List(directory, walPath))
        {
            try
            {
                using var file = directory.OpenRead(segment.Path);
                size += file.Length;
            }
            catch (FileNotFoundException)
            {
                // Truncated since it was listed.
            }
        }

        return size;
    }

    /// <summary>The last segment that the newest checkpoint stands for; -1 without a checkpoint.</summary>
    public static int LastCheckpoint(IDataDirectory directory, string walPath) =>
        CheckpointNames(directory, walPath).Select(entry => entry.Number).DefaultIfEmpty(-1).Max();

    /// <summary>
    /// The number of the segment to append to: behind all that is there, or the last one if it is empty.
    /// </summary>
    public static int NextNumber(IDataDirectory directory, string walPath)
    {
        var afterCheckpoint = LastCheckpoint(directory, walPath) + 1;
        var segments = List(directory, walPath);
        if (segments.Count == 0)
            return afterCheckpoint;
        using var last = directory.OpenRead(segments[^1].Path);
        var next = last.Length == 0 ? segments[^1].Number : segments[^1].Number + 1;
        return Math.Max(next, afterCheckpoint);
    }

    /// <summary>
    /// What the newest checkpoint stands for and is still there: segments up to its number, ascending, then older
    /// checkpoints.
    /// </summary>
    public static IReadOnlyList<string> ListReplaced(IDataDirectory directory, string walPath)
    {
        var checkpoint = LastCheckpoint(directory, walPath);
        return
        [
            .. List(directory, walPath).Where(segment => segment.Number <= checkpoint).Select(segment => segment.Path),
            .. CheckpointNames(directory, walPath).Where(older => older.Number < checkpoint)
                .Select(older => $"{walPath}/{older.Name}"),
        ];
    }

    /// <summary>Deletes it, oldest first, so that no hole appears among the segments that are left.</summary>
    public static void DeleteReplaced(IDataDirectory directory, string walPath)
    {
        var replaced = ListReplaced(directory, walPath);
        foreach (var path in replaced)
            directory.Delete(path);
        if (replaced.Count > 0)
            directory.SyncDirectory(walPath);
    }

    // A name with a suffix such as ".tmp" is a checkpoint that was never finished.
    private static IEnumerable<(string Name, int Number)> CheckpointNames(IDataDirectory directory, string walPath)
    {
        foreach (var name in directory.List(walPath))
        {
            if (name.StartsWith(CheckpointPrefix, StringComparison.Ordinal)
                && int.TryParse(
                    name.AsSpan(CheckpointPrefix.Length),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var number))
                yield return (name, number);
        }
    }
}
