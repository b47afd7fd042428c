using System.Globalization;
using PromHost.Codecs;

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

    /// <summary>The segments of a directory in ascending order; other files are passed over.</summary>
    /// <exception cref="CorruptDataException">Their numbers have a hole.</exception>
    public static IReadOnlyList<WalSegment> List(IDataDirectory directory, string walPath)
    {
        var segments = Numbered(directory, walPath);
        for (var i = 1; i < segments.Count; i++)
        {
            if (segments[i].Number != segments[i - 1].Number + 1)
                throw new CorruptDataException("the segment before this one is missing", segments[i].Path, 0);
        }

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
        var deleted = Numbered(directory, walPath).Where(segment => segment.Number < firstKept).ToList();
        foreach (var segment in deleted) directory.Delete(segment.Path);
        if (deleted.Count > 0) directory.SyncDirectory(walPath);
    }

    /// <summary>The bytes of all segments; those that go away meanwhile do not count.</summary>
    public static long SizeBytes(IDataDirectory directory, string walPath)
    {
        var size = 0L;
        foreach (var segment in Numbered(directory, walPath))
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
    /// Deletes what the newest checkpoint stands for: segments up to its number, oldest first, so that no hole appears
    /// among those that are left, then older checkpoints.
    /// </summary>
    /// <returns>Were there any?</returns>
    public static bool DeleteReplaced(IDataDirectory directory, string walPath)
    {
        var checkpoint = LastCheckpoint(directory, walPath);
        var segments = Numbered(directory, walPath).Where(segment => segment.Number <= checkpoint).ToList();
        var checkpoints = CheckpointNames(directory, walPath).Where(older => older.Number < checkpoint).ToList();
        foreach (var segment in segments)
            directory.Delete(segment.Path);
        foreach (var (name, _) in checkpoints)
            directory.Delete($"{walPath}/{name}");
        if (segments.Count + checkpoints.Count == 0)
            return false;
        directory.SyncDirectory(walPath);
        return true;
    }

    private static List<WalSegment> Numbered(IDataDirectory directory, string walPath)
    {
        var segments = new List<WalSegment>();
        foreach (var name in directory.List(walPath))
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                segments.Add(new WalSegment($"{walPath}/{name}", number));
        }

        segments.Sort((a, b) => a.Number.CompareTo(b.Number));
        return segments;
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
