using System.Runtime.InteropServices;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Writes a checkpoint: what is still needed of the oldest segments of a log (<c>docs/formats/checkpoint.md</c>).
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>The log is read for the series that nothing needs any more (<see cref="WalNeededRefs"/>).</item>
/// <item>The older checkpoint and the segments are read again, and written without these series and without what is
/// too old, in their order, to a directory of a temporary name. The newest metadata of each series comes last.</item>
/// <item>Files and directory are synced, then the directory gets its name: from then on it stands for the
/// segments.</item>
/// </list>
/// A crash at any point leaves either the segments or the checkpoint to be read.
/// </remarks>
internal sealed class WalCheckpoint(IDataDirectory directory, string walPath, WalCompression compression)
{
    private const int FlushBytes = 1024 * 1024;
    private const string TemporarySuffix = ".tmp";

    /// <summary>Writes the checkpoint that stands for all segments up to a number.</summary>
    /// <param name="lastSegment">The last segment that it stands for; it and those before it are complete.</param>
    /// <param name="kept">What it must hold.</param>
    /// <param name="cancellationToken">Ends it between two records; nothing is left then.</param>
    /// <exception cref="CorruptDataException">A segment or the older checkpoint is damaged.</exception>
    /// <exception cref="DiskFullException">No room; nothing is left of it.</exception>
    public WalCheckpointStats Write(int lastSegment, WalKept kept, CancellationToken cancellationToken)
    {
        var (replaced, later) = Split(WalSegments.ListForReplay(directory, walPath), walPath, lastSegment);
        var dropped = WalNeededRefs.FindUnneeded(directory, (replaced, later), kept, cancellationToken);
        RemoveUnfinished(directory, walPath);
        var filter = new WalRecordFilter(dropped, kept.MinTimeMs, kept.TombstonesFromMs);
        var path = WalSegments.CheckpointPathOf(walPath, lastSegment);
        var temporary = path + TemporarySuffix;
        try
        {
            Copy(replaced, temporary, (dropped, filter), cancellationToken);
            directory.SyncDirectory(temporary);
            directory.Rename(temporary, path);
        }
        catch
        {
            RemoveQuietly(temporary);
            throw;
        }

        directory.SyncDirectory(walPath);
        return new WalCheckpointStats(dropped.Count, filter.Entries, filter.DroppedEntries);
    }

    /// <summary>Removes checkpoints that were never finished.</summary>
    public static void RemoveUnfinished(IDataDirectory directory, string walPath)
    {
        foreach (var name in directory.List(walPath))
        {
            if (name.StartsWith(WalSegments.CheckpointPrefix, StringComparison.Ordinal)
                && name.EndsWith(TemporarySuffix, StringComparison.Ordinal))
                directory.Delete($"{walPath}/{name}");
        }
    }

    // The segments of the older checkpoint have numbers of their own.
    private static (IReadOnlyList<WalSegment> Replaced, IReadOnlyList<WalSegment> Later) Split(
        IReadOnlyList<WalSegment> segments, string walPath, int lastSegment)
    {
        var later = segments
            .Where(segment => segment.Number > lastSegment
                && segment.Path == WalSegments.PathOf(walPath, segment.Number))
            .ToList();
        return ([.. segments.Take(segments.Count - later.Count)], later);
    }

    private void RemoveQuietly(string path)
    {
        try
        {
            directory.Delete(path);
        }
        catch (IOException)
        {
            // The next checkpoint and the next start remove it.
        }
    }

    private void Copy(
        IReadOnlyList<WalSegment> replaced,
        string path,
        (SeriesRefSet Dropped, WalRecordFilter Records) filter,
        CancellationToken cancellationToken)
    {
        using var reader = new WalReader(directory, replaced);
        using var writer = WalWriter.Open(directory, path, compression: compression);
        using var kept = new ByteWriter(64 * 1024);
        var metadata = new LatestMetadata(filter.Dropped);
        while (reader.TryRead(out var record))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (metadata.TryTake(record))
                continue;
            var result = filter.Records.Filter(record, kept);
            if (result == WalFilterResult.Whole)
                writer.AppendStored(reader.Stored, reader.StoredFlags);
            else if (result == WalFilterResult.Part)
                writer.Append(kept.WrittenSpan);
            if (writer.PendingBytes >= FlushBytes)
                writer.Flush();
        }

        // Repair is not for a running server: memory has all of it, and the next start keeps what can be read.
        if (reader.Damages is [var damage, ..])
            throw new CorruptDataException(damage.Reason, damage.Path, damage.StartBytes);
        metadata.WriteTo(writer, kept);
        writer.Sync();
    }

    // The newest metadata entry of each series, as bytes.
    private sealed class LatestMetadata(SeriesRefSet dropped)
    {
        private readonly Dictionary<ulong, byte[]> _entries = [];

        public bool TryTake(ReadOnlySpan<byte> record)
        {
            if (WalRecordDecoder.TypeOf(record) != WalRecordType.Metadata)
                return false;
            var entries = new WalEntries(record);
            while (entries.MoveNext())
            {
                if (dropped.Contains(entries.Ref))
                    continue;
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, entries.Ref, out _);
                var entry = record[entries.Start..entries.End];
                // Senders repeat themselves.
                if (!entry.SequenceEqual(known))
                    known = entry.ToArray();
            }

            return !entries.IsMalformed;
        }

        public void WriteTo(WalWriter writer, ByteWriter record)
        {
            const int RecordBytes = 64 * 1024;
            record.Clear();
            foreach (var entry in _entries.Values)
            {
                if (record.Length == 0)
                    record.WriteByte((byte)WalRecordType.Metadata);
                record.WriteBytes(entry);
                if (record.Length < RecordBytes)
                    continue;
                writer.Append(record.WrittenSpan);
                writer.Flush();
                record.Clear();
            }

            if (record.Length > 0)
                writer.Append(record.WrittenSpan);
        }
    }
}
