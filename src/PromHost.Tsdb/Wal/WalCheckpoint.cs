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
internal sealed class WalCheckpoint : IDisposable
{
    private const int FlushBytes = 1024 * 1024;
    private const string TemporarySuffix = ".tmp";

    private readonly IDataDirectory _directory;
    private readonly string _walPath;
    private readonly SeriesRefSet _dropped;
    private readonly WalRecordFilter _filter;
    private readonly Dictionary<ulong, byte[]> _metadata = [];
    private readonly ByteWriter _kept = new(64 * 1024);

    private WalCheckpoint(IDataDirectory directory, string walPath, SeriesRefSet dropped, long minTimeMs)
    {
        _directory = directory;
        _walPath = walPath;
        _dropped = dropped;
        _filter = new WalRecordFilter(dropped, minTimeMs);
    }

    /// <summary>Writes the checkpoint that stands for all segments up to a number.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="walPath">The log's directory in it.</param>
    /// <param name="lastSegment">The last segment that it stands for; it and those before it are complete.</param>
    /// <param name="kept">What it must hold.</param>
    /// <param name="cancellationToken">Ends it between two records; nothing is left then.</param>
    /// <exception cref="CorruptDataException">A segment or the older checkpoint is damaged.</exception>
    /// <exception cref="DiskFullException">No room; nothing is left of it.</exception>
    public static WalCheckpointStats Write(
        IDataDirectory directory, string walPath, int lastSegment, WalKept kept, CancellationToken cancellationToken)
    {
        var (replaced, later) = Split(WalSegments.ListForReplay(directory, walPath), walPath, lastSegment);
        var dropped = WalNeededRefs.FindUnneeded(directory, (replaced, later), kept, cancellationToken);
        RemoveUnfinished(directory, walPath);
        using var checkpoint = new WalCheckpoint(directory, walPath, dropped, kept.MinTimeMs);
        checkpoint.Write(replaced, lastSegment, cancellationToken);
        return new WalCheckpointStats(
            dropped.Count, checkpoint._filter.Entries, checkpoint._filter.DroppedEntries);
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

    /// <inheritdoc/>
    public void Dispose() => _kept.Dispose();

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

    private static void RemoveQuietly(IDataDirectory directory, string path)
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

    private void Write(IReadOnlyList<WalSegment> replaced, int lastSegment, CancellationToken cancellationToken)
    {
        var path = WalSegments.CheckpointPathOf(_walPath, lastSegment);
        var temporary = path + TemporarySuffix;
        try
        {
            Copy(replaced, temporary, cancellationToken);
            _directory.SyncDirectory(temporary);
            _directory.Rename(temporary, path);
        }
        catch
        {
            RemoveQuietly(_directory, temporary);
            throw;
        }

        _directory.SyncDirectory(_walPath);
    }

    private void Copy(IReadOnlyList<WalSegment> replaced, string path, CancellationToken cancellationToken)
    {
        using var reader = new WalReader(_directory, replaced);
        using var writer = WalWriter.Open(_directory, path);
        while (reader.TryRead(out var record))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Add(record, reader, writer);
            if (writer.PendingBytes >= FlushBytes)
                writer.Flush();
        }

        // Repair is not for a running server: memory has all of it, and the next start keeps what can be read.
        if (reader.Damages is [var damage, ..])
            throw new CorruptDataException(damage.Reason, damage.Path, damage.StartBytes);
        AddMetadata(writer);
        writer.Sync();
    }

    private void Add(ReadOnlySpan<byte> record, WalReader reader, WalWriter writer)
    {
        if (WalRecordDecoder.TypeOf(record) == WalRecordType.Metadata && TryRemember(record))
            return;
        switch (_filter.Filter(record, _kept))
        {
            case WalFilterResult.Whole:
                writer.AppendStored(reader.Stored, reader.StoredFlags);
                break;
            case WalFilterResult.Part:
                writer.Append(_kept.WrittenSpan);
                break;
        }
    }

    private bool TryRemember(ReadOnlySpan<byte> record)
    {
        var entries = new WalEntries(record);
        while (entries.MoveNext())
        {
            if (_dropped.Contains(entries.Ref))
                continue;
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_metadata, entries.Ref, out _);
            var entry = record[entries.Start..entries.End];
            // Senders repeat themselves.
            if (!entry.SequenceEqual(known))
                known = entry.ToArray();
        }

        return !entries.IsMalformed;
    }

    private void AddMetadata(WalWriter writer)
    {
        const int RecordBytes = 64 * 1024;
        _kept.Clear();
        foreach (var entry in _metadata.Values)
        {
            if (_kept.Length == 0)
                _kept.WriteByte((byte)WalRecordType.Metadata);
            _kept.WriteBytes(entry);
            if (_kept.Length < RecordBytes)
                continue;
            writer.Append(_kept.WrittenSpan);
            writer.Flush();
            _kept.Clear();
        }

        if (_kept.Length > 0)
            writer.Append(_kept.WrittenSpan);
    }
}
