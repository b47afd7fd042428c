using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Takes out of a segment of the out-of-order log what a Prometheus would take for something else: markers whose chunks
/// are not there, samples whose series is not in the WAL.
/// </summary>
/// <param name="directory">The data directory.</param>
/// <param name="markers">The markers whose chunks are there.</param>
/// <param name="lost">The series that are not there.</param>
internal sealed class WblRewrite(IDataDirectory directory, IReadOnlySet<WalMmapMarker> markers, SeriesRefSet lost)
{
    private readonly WalRecordFilter _filter = new(new SeriesRefSet(), long.MinValue, long.MinValue, lost);
    private long _dropped;

    /// <summary>
    /// Rewrites a segment: to a new file that takes the segment's name in one step, so that a
    /// crash leaves the old or the new one.
    /// </summary>
    /// <param name="path">The segment; without damage.</param>
    /// <returns>Where the original is, if samples were taken out.</returns>
    /// <exception cref="DiskFullException">No room for the new file; the segment is as it was.</exception>
    public Damage? Run(string path)
    {
        directory.CreateDirectory("promhost");
        var rewritten = $"promhost/{WalRepair.RewritePrefix}{path.Replace('/', '-')}";
        directory.Delete(rewritten);
        Write(path, rewritten);
        Damage? damage = null;
        if (_filter.DroppedEntries > _dropped)
        {
            _dropped = _filter.DroppedEntries;
            var target = Quarantine.NameFor(directory, path);
            directory.Link(path, target);
            directory.SyncDirectory(Quarantine.Path);
            damage = new Damage(path, 0, "series of some samples are not in the WAL", target);
        }

        directory.Rename(rewritten, path);
        directory.SyncDirectory(path[..path.LastIndexOf('/')]);
        return damage;
    }

    private void Write(string path, string target)
    {
        using var file = directory.Create(target);
        using var reader = new WalReader(directory, [new WalSegment(path, 0)]);
        using var record = new ByteWriter(1024);
        var pages = new WalPageBuffer();
        while (reader.TryRead(out var bytes))
        {
            if (pages.Pending.Length >= 1024 * 1024) Flush(file, pages);
            var kept = WalRecordDecoder.TypeOf(bytes) == WalRecordType.MmapMarkers
                ? FilterMarkers(bytes, record)
                : _filter.Filter(bytes, record);
            if (kept == WalFilterResult.Whole) pages.Add(reader.Stored, reader.StoredFlags);
            else if (kept == WalFilterResult.Part) pages.Add(record.WrittenSpan, 0);
        }

        pages.EndPage();
        Flush(file, pages);
        file.Sync();
    }

    private WalFilterResult FilterMarkers(ReadOnlySpan<byte> bytes, ByteWriter record)
    {
        var found = new List<WalMmapMarker>();
        if (!WalRecordDecoder.TryDecodeMmapMarkers(bytes, found)) return WalFilterResult.Whole;
        WalMmapMarker[] kept = [.. found.Where(marker => marker.ChunkRef == 0 || markers.Contains(marker))];
        if (kept.Length == found.Count) return WalFilterResult.Whole;
        if (kept.Length == 0) return WalFilterResult.Nothing;
        record.Clear();
        WalRecordEncoder.Encode(kept, record);
        return WalFilterResult.Part;
    }

    private static void Flush(IDataFile file, WalPageBuffer pages)
    {
        file.Write(pages.Pending, pages.StartBytes);
        pages.Reset(pages.EndBytes);
    }
}
