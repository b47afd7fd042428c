using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>
/// Takes damage out of a write-ahead log, so that what is left reads without errors here and in Prometheus, and no
/// segment number goes missing. Nothing is thrown away: what was there goes to <c>promhost/quarantine/</c>.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>Where nothing readable follows the damage (a torn tail), the tail is copied to quarantine and the segment is
/// cut in place: a cut has no intermediate state.</item>
/// <item>Otherwise the readable records are written to a new file beside the log, synced, the original gets a second
/// name in quarantine, and the new file takes the original's name in one step.</item>
/// </list>
/// A crash at any point leaves either the damaged or the repaired segment.
/// </remarks>
internal static class WalRepair
{
    /// <summary>How the names of rewritten segments begin until they take the place of the old ones.</summary>
    public const string RewritePrefix = "rewrite-";

    /// <summary>Repairs the segments of <paramref name="damages"/>, as a <see cref="WalReader"/> found them.</summary>
    /// <returns>The same, with where the bytes went.</returns>
    /// <exception cref="DiskFullException">No room for a repaired copy; the segment is as it was.</exception>
    public static IReadOnlyList<Damage> Run(IDataDirectory directory, IReadOnlyList<WalDamage> damages)
    {
        var repaired = new List<Damage>();
        if (damages.Count == 0)
            return repaired;
        foreach (var damaged in damages.GroupBy(damage => damage.Path, StringComparer.Ordinal))
        {
            var target = Repair(directory, damaged.Key, [.. damaged]);
            repaired.AddRange(damaged.Select(
                damage => new Damage(damage.Path, damage.StartBytes, damage.Reason, target)));
        }

        directory.SyncDirectory(Quarantine.Path);
        return repaired;
    }

    /// <summary>
    /// Gives segments new numbers where some are missing, so that there is no hole: neither this reader nor Prometheus
    /// goes by the numbers, but Prometheus refuses a log with a hole.
    /// </summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="walPath">The log's directory in it.</param>
    /// <param name="first">
    /// The number that the first segment must have without a checkpoint; null when any will do.
    /// </param>
    /// <returns>The segments that are missing.</returns>
    public static IReadOnlyList<Damage> CloseHoles(IDataDirectory directory, string walPath, int? first)
    {
        var missing = new List<Damage>();
        if (WalSegments.LastCheckpoint(directory, walPath) is >= 0 and var last)
        {
            var checkpoint = WalSegments.CheckpointPathOf(walPath, last);
            Renumber(directory, checkpoint, WalSegments.List(directory, checkpoint), 0, missing);
            first = last + 1;
        }

        var segments = WalSegments.List(directory, walPath).Where(segment => segment.Number >= (first ?? 0)).ToList();
        if (segments.Count > 0)
            Renumber(directory, walPath, segments, first ?? segments[0].Number, missing);
        return missing;
    }

    /// <summary>
    /// Puts a checkpoint aside that has no content; to be called when series are missing that it should hold.
    /// </summary>
    /// <returns>The checkpoint, if it was so.</returns>
    public static IReadOnlyList<Damage> SetEmptyCheckpointAside(IDataDirectory directory, string walPath)
    {
        var last = WalSegments.LastCheckpoint(directory, walPath);
        if (last < 0) return [];
        var checkpoint = WalSegments.CheckpointPathOf(walPath, last);
        if (WalSegments.SizeBytes(directory, checkpoint) > 0) return [];
        var target = Quarantine.NameFor(directory, checkpoint);
        directory.Rename(checkpoint, target);
        directory.SyncDirectory(Quarantine.Path);
        directory.SyncDirectory(walPath);
        return [new Damage(checkpoint, 0, "the checkpoint is empty, samples of its series are lost", target)];
    }

    private static void Renumber(
        IDataDirectory directory, string path, IReadOnlyList<WalSegment> segments, int first, List<Damage> missing)
    {
        for (var i = 0; i < segments.Count; i++)
        {
            var number = first + i;
            if (segments[i].Number == number)
                continue;
            var before = i == 0 ? first : segments[i - 1].Number + 1;
            if (segments[i].Number > before)
            {
                missing.Add(new Damage(
                    WalSegments.PathOf(path, before),
                    0,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"missing, {segments[i].Number - before} segments from here on; the later ones are renamed"),
                    null));
            }

            directory.Rename(segments[i].Path, WalSegments.PathOf(path, number));
            // One after the other: a later rename must not survive a power cut alone, it would replace a segment.
            directory.SyncDirectory(path);
        }
    }

    /// <summary>
    /// Takes away what a crash has left of a truncation: segments that the newest checkpoint stands for, and older
    /// checkpoints. They are deleted; when the checkpoint was damaged they are kept in quarantine.
    /// </summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="walPath">The log's directory in it.</param>
    /// <param name="damages">What was found in the log.</param>
    public static void RemoveReplaced(IDataDirectory directory, string walPath, IReadOnlyList<Damage> damages)
    {
        var checkpoint = WalSegments.CheckpointPathOf(walPath, WalSegments.LastCheckpoint(directory, walPath));
        if (!damages.Any(damage => damage.Path.StartsWith(checkpoint, StringComparison.Ordinal)))
        {
            WalSegments.DeleteReplaced(directory, walPath);
            return;
        }

        foreach (var path in WalSegments.ListReplaced(directory, walPath))
            directory.Rename(path, Quarantine.NameFor(directory, path));
        directory.SyncDirectory(Quarantine.Path);
        directory.SyncDirectory(walPath);
    }

    private static string Repair(IDataDirectory directory, string path, IReadOnlyList<WalDamage> damages)
    {
        long length;
        using (var file = directory.OpenRead(path))
            length = file.Length;
        return damages is [var only] && only.EndBytes >= length
            ? CutTail(directory, path, only.StartBytes, length)
            : Rewrite(directory, path);
    }

    private static string CutTail(IDataDirectory directory, string path, long start, long length)
    {
        var target = Quarantine.NameFor(directory, path, $"-from-{start.ToString(CultureInfo.InvariantCulture)}");
        using var file = directory.OpenWrite(path);
        using (var copy = directory.Create(target))
        {
            var buffer = new byte[WalFormat.PageBytes];
            for (var offset = start; offset < length;)
            {
                var count = file.ReadFully(buffer, offset);
                if (count == 0)
                    break;
                copy.Write(buffer.AsSpan(0, count), offset - start);
                offset += count;
            }

            copy.Sync();
        }

        directory.SyncDirectory(Quarantine.Path);
        file.SetLength(start);
        file.Sync();
        return target;
    }

    private static string Rewrite(IDataDirectory directory, string path)
    {
        var rewritten = $"promhost/{RewritePrefix}{path.Replace('/', '-')}";
        directory.CreateDirectory("promhost");
        directory.Delete(rewritten);
        WriteReadable(directory, path, rewritten);

        var target = Quarantine.NameFor(directory, path);
        directory.Link(path, target);
        directory.SyncDirectory(Quarantine.Path);
        directory.Rename(rewritten, path);
        directory.SyncDirectory(path[..path.LastIndexOf('/')]);
        return target;
    }

    private static void WriteReadable(IDataDirectory directory, string path, string target)
    {
        using var file = directory.Create(target);
        using var reader = new WalReader(directory, [new WalSegment(path, 0)]);
        var pages = new WalPageBuffer();
        while (reader.TryRead(out _))
        {
            pages.Add(reader.Stored, reader.StoredFlags);
            if (pages.Pending.Length >= 1024 * 1024)
                Write(file, pages);
        }

        pages.EndPage();
        Write(file, pages);
        file.Sync();
    }

    private static void Write(IDataFile file, WalPageBuffer pages)
    {
        file.Write(pages.Pending, pages.StartBytes);
        pages.Reset(pages.EndBytes);
    }
}
