using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>Takes markers whose chunks are not there out of a segment of the out-of-order log.</summary>
internal static class StaleMarkers
{
    /// <summary>
    /// Rewrites a segment without the stale markers: to a new file that takes the segment's name in one step, so that a
    /// crash leaves the old or the new one.
    /// </summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">The segment; without damage.</param>
    /// <param name="sound">The markers whose chunks are there.</param>
    /// <exception cref="DiskFullException">No room for the new file; the segment is as it was.</exception>
    public static void Remove(IDataDirectory directory, string path, IReadOnlySet<WalMmapMarker> sound)
    {
        directory.CreateDirectory("promhost");
        var rewritten = $"promhost/rewrite-{path.Replace('/', '-')}";
        directory.Delete(rewritten);
        Write(directory, path, rewritten, sound);
        directory.Rename(rewritten, path);
        directory.SyncDirectory(path[..path.LastIndexOf('/')]);
    }

    private static void Write(
        IDataDirectory directory, string path, string target, IReadOnlySet<WalMmapMarker> sound)
    {
        using var file = directory.Create(target);
        using var reader = new WalReader(directory, [new WalSegment(path, 0)]);
        using var record = new ByteWriter(1024);
        var pages = new WalPageBuffer();
        var markers = new List<WalMmapMarker>();
        while (reader.TryRead(out var bytes))
        {
            markers.Clear();
            if (pages.Pending.Length >= 1024 * 1024) Flush(file, pages);
            if (WalRecordDecoder.TypeOf(bytes) != WalRecordType.MmapMarkers ||
                !WalRecordDecoder.TryDecodeMmapMarkers(bytes, markers))
            {
                pages.Add(reader.Stored, reader.StoredFlags);
                continue;
            }

            WalMmapMarker[] kept = [.. markers.Where(marker => marker.ChunkRef == 0 || sound.Contains(marker))];
            if (kept.Length == 0) continue;
            record.Clear();
            WalRecordEncoder.Encode(kept, record);
            pages.Add(record.WrittenSpan, 0);
        }

        pages.EndPage();
        Flush(file, pages);
        file.Sync();
    }

    private static void Flush(IDataFile file, WalPageBuffer pages)
    {
        file.Write(pages.Pending, pages.StartBytes);
        pages.Reset(pages.EndBytes);
    }
}
