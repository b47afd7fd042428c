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
    private const string Quarantine = "promhost/quarantine";

    /// <summary>Repairs the segments of <paramref name="damages"/>, as a <see cref="WalReader"/> found them.</summary>
    /// <returns>The quarantined files, below the data directory.</returns>
    /// <exception cref="DiskFullException">No room for a repaired copy; the segment is as it was.</exception>
    public static IReadOnlyList<string> Run(IDataDirectory directory, IReadOnlyList<WalDamage> damages)
    {
        var quarantined = new List<string>();
        if (damages.Count == 0)
            return quarantined;
        directory.CreateDirectory(Quarantine);
        foreach (var damaged in damages.GroupBy(damage => damage.Path, StringComparer.Ordinal))
            quarantined.Add(Repair(directory, damaged.Key, [.. damaged]));
        directory.SyncDirectory(Quarantine);
        return quarantined;
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
        var target = FreeName(directory, $"{Flat(path)}-from-{start.ToString(CultureInfo.InvariantCulture)}");
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

        directory.SyncDirectory(Quarantine);
        file.SetLength(start);
        file.Sync();
        return target;
    }

    private static string Rewrite(IDataDirectory directory, string path)
    {
        var rewritten = $"promhost/rewrite-{Flat(path)}";
        directory.Delete(rewritten);
        WriteReadable(directory, path, rewritten);

        var target = FreeName(directory, Flat(path));
        directory.Link(path, target);
        directory.SyncDirectory(Quarantine);
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

    private static string Flat(string path) => path.Replace('/', '-');

    private static string FreeName(IDataDirectory directory, string name)
    {
        var path = $"{Quarantine}/{name}";
        for (var i = 1; directory.FileExists(path); i++)
            path = string.Create(CultureInfo.InvariantCulture, $"{Quarantine}/{name}.{i}");
        return path;
    }
}
