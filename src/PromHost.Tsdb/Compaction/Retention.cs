namespace PromHost.Tsdb;

/// <summary>
/// Says which blocks are to be deleted, as Prometheus does (<c>tsdb/db.go</c>, 3.14): always the oldest ones, whole.
/// Immutable.
/// </summary>
/// <param name="timeMs">How far the end of a block may lie before that of the newest one; 0: no limit.</param>
/// <param name="sizeBytes">What blocks and head together may take; 0: no limit.</param>
/// <param name="percentage">The same as a part of the file system, 0 to 100; goes before the size when not 0.</param>
internal sealed class Retention(long timeMs, long sizeBytes, double percentage)
{
    /// <summary>The limit of the time, 0 for none.</summary>
    public long TimeMs => timeMs;

    /// <summary>The limit of the size as it is configured, 0 for none.</summary>
    public long SizeBytes => sizeBytes;

    /// <summary>The limit as a part of the file system, 0 for none.</summary>
    public double Percentage => percentage;

    /// <summary>The rules of a database.</summary>
    public static Retention Of(DatabaseOptions options) => new(
        (long)options.RetentionTime.TotalMilliseconds, options.RetentionBytes, options.RetentionPercentage);

    /// <summary>What blocks and head together may take, in bytes; 0 for no limit.</summary>
    /// <param name="diskBytes">Size of the file system; 0 when it is not known.</param>
    public long LimitBytes(long diskBytes) =>
        percentage > 0 && diskBytes > 0 ? (long)(diskBytes * percentage / 100) : sizeBytes;

    /// <summary>Finds the blocks to delete.</summary>
    /// <param name="blocks">All blocks, in any order.</param>
    /// <param name="headBytes">Size of the logs and of the head's chunk files.</param>
    /// <param name="diskBytes">Size of the file system; 0 when it is not known.</param>
    public RetentionVerdict Judge(IEnumerable<RetainedBlock> blocks, long headBytes, long diskBytes)
    {
        var newestFirst = blocks.OrderByDescending(block => block.MaxTimeMs).ToList();
        return new RetentionVerdict(TooOld(newestFirst), TooMuch(newestFirst, headBytes, LimitBytes(diskBytes)));
    }

    // The newest block is the measure, so it stays; and what nobody adds to does not vanish with time.
    private IReadOnlyList<Ulid> TooOld(List<RetainedBlock> newestFirst)
    {
        if (timeMs <= 0 || newestFirst.Count == 0) return [];
        var newestMs = newestFirst[0].MaxTimeMs;
        return [.. newestFirst.Skip(1).Where(block => newestMs - block.MaxTimeMs >= timeMs).Select(block => block.Id)];
    }

    private static IReadOnlyList<Ulid> TooMuch(List<RetainedBlock> newestFirst, long headBytes, long limitBytes)
    {
        if (limitBytes <= 0) return [];
        var kept = 0;
        var bytes = headBytes;
        while (kept < newestFirst.Count && (bytes += newestFirst[kept].SizeBytes) <= limitBytes) kept++;
        return [.. newestFirst.Skip(kept).Select(block => block.Id)];
    }
}
