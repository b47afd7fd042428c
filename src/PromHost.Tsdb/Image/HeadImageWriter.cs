using System.Buffers.Binary;
using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>Writes an image of the head, while appends go on. For one thread, which waits for the disk.</summary>
/// <remarks>
/// <para>
/// The image is fuzzy. It names the place in the log up to which it holds everything; what it shows of a series is of a
/// later moment, each series of another. That is enough: samples in order only ever get newer, so a replay that begins
/// at the place passes over those that are not newer than what its series has, as it does with those in mapped chunks.
/// </para>
/// <list type="number">
/// <item>Between two commits the place is taken: what stands before it in the log is in the head, all of it.</item>
/// <item>The series are read one by one. Those that are created meanwhile have their record behind the place. A series
/// is left out if its record may not be in the log: its number would be given to another one.</item>
/// <item>Deletions and metadata are read afterwards. What the log has of them behind the place is done again, in its
/// order, and ends where it ended. Exemplars are those that were there at the place.</item>
/// <item>The full chunks that the image names are written from the buffer to their file. Nothing is synced but the
/// image: a start that does not find the log or a chunk as the image names it does without the image.</item>
/// <item>The image takes the place of the older one in one step.</item>
/// </list>
/// <para>Series are not removed meanwhile, and the log is not cut: the caller sees to it.</para>
/// </remarks>
/// <param name="head">The head.</param>
/// <param name="directory">The data directory.</param>
/// <param name="walPath">The log's directory in it.</param>
/// <param name="onCommitter">
/// Runs something between two commits, and waits for it; null when there are none any more, nor anybody who removes.
/// </param>
internal sealed class HeadImageWriter(
    Head head, IDataDirectory directory, string walPath, Action<Action>? onCommitter)
{
    // Well below a millisecond.
    private const int SeriesPerSlice = 4096;
    private const int ExemplarsPerSlice = 256;
    private const int SeriesPerCheck = 1024;
    private const int FamiliesPerSection = 1024;

    private long _endBytes;
    private WalPosition _position;
    private long _exemplars;

    /// <summary>The size at which a section of series ends; for tests.</summary>
    public int SectionBytes { get; init; } = HeadImageFormat.SectionBytes;

    /// <summary>Writes it.</summary>
    /// <param name="position">Gives the end of the log, between two commits.</param>
    /// <param name="cancellationToken">Ends it; the old image stays.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="IOException">The disk failed; the old image stays.</exception>
    /// <exception cref="ChunkInMemoryException">There can be no image now.</exception>
    public HeadImageFigures Write(Func<WalPosition> position, CancellationToken cancellationToken)
    {
        Between(() =>
        {
            _position = position();
            _exemplars = head.Exemplars.Appended;
        });
        directory.CreateDirectory(HeadImageFormat.DirectoryName);
        directory.Delete(HeadImageFormat.UnfinishedPath);
        var series = 0;
        try
        {
            using (var file = directory.Create(HeadImageFormat.UnfinishedPath))
            {
                WriteHeader(file);
                series = WriteSeries(file, cancellationToken);
                WriteRest(file);
                WriteEnd(file, series);
                file.Sync();
            }

            directory.Rename(HeadImageFormat.UnfinishedPath, HeadImageFormat.Path);
            directory.SyncDirectory(HeadImageFormat.DirectoryName);
        }
        catch (Exception error) when (error is IOException or ChunkInMemoryException or OperationCanceledException)
        {
            DeleteUnfinished();
            throw;
        }

        return new HeadImageFigures(_position, _endBytes, series);
    }

    private void Between(Action job)
    {
        if (onCommitter is null) job();
        else onCommitter(job);
    }

    private void WriteHeader(IDataFile file)
    {
        Span<byte> header = stackalloc byte[HeadImageFormat.FileHeaderBytes];
        header.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(header, HeadImageFormat.Magic);
        header[sizeof(uint)] = HeadImageFormat.Version;
        file.Write(header, 0);
        _endBytes = header.Length;

        var anchor = WalAnchor.Take(directory, walPath, _position);
        using var section = new ImageSection(ImageSectionKind.Anchor);
        var data = section.Data;
        data.WriteInt64(head.Appender.BlockRangeMs);
        data.WriteInt64(anchor.Checkpoint);
        data.WriteInt64(anchor.CheckpointBytes);
        data.WriteInt64(anchor.Position.Segment);
        data.WriteInt64(anchor.Position.OffsetBytes);
        data.WriteUInt32(anchor.TailChecksum);
        data.WriteInt64(anchor.PreviousBytes);
        data.WriteUInt32(anchor.PreviousChecksum);
        section.WriteTo(file, ref _endBytes);
    }

    private int WriteSeries(IDataFile file, CancellationToken cancellationToken)
    {
        using var sections = new ImageSeriesSections(head, file, SectionBytes);
        // One epoch for all: no label pair gets the number of another one.
        var epoch = onCommitter is null ? 0 : head.Epochs.Enter();
        try
        {
            var unsure = new List<int>();
            var ordinals = head.Index.Ordinals;
            var last = ordinals.Last;
            for (var ordinal = 1; ordinals.TryFindFrom(ref ordinal, last, out var series); ordinal++)
            {
                if (!sections.TryAdd(series, isLogged: false, ref _endBytes)) unsure.Add(series);
                if (ordinal % SeriesPerCheck == 0) cancellationToken.ThrowIfCancellationRequested();
            }

            foreach (var series in FindLogged(unsure, cancellationToken))
                sections.TryAdd(series, isLogged: true, ref _endBytes);
            sections.Flush(ref _endBytes);
            return sections.Count;
        }
        finally
        {
            if (onCommitter is not null) head.Epochs.Leave(epoch);
        }
    }

    private List<int> FindLogged(List<int> unsure, CancellationToken cancellationToken)
    {
        var logged = new List<int>();
        for (var start = 0; start < unsure.Count; start += SeriesPerSlice)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var from = start;
            Between(() =>
            {
                foreach (var series in CollectionsMarshal.AsSpan(unsure).Slice(
                    from, Math.Min(SeriesPerSlice, unsure.Count - from)))
                {
                    ref readonly var state = ref head.Store.State(series);
                    if (state is { IsLogged: true, IsGone: false }) logged.Add(series);
                }
            });
        }

        return logged;
    }

    private void WriteRest(IDataFile file)
    {
        WriteOtherRefs(file);
        using (var section = new ImageSection(ImageSectionKind.Tombstones))
        {
            var tombstones = head.Tombstones.Current;
            var found = new List<WalTombstone>();
            foreach (var walRef in tombstones.SeriesRefs)
            {
                foreach (var interval in tombstones.Of(walRef))
                    found.Add(new WalTombstone(walRef, interval.MinTimeMs, interval.MaxTimeMs));
            }

            if (found.Count > 0) WalRecordEncoder.Encode(CollectionsMarshal.AsSpan(found), section.Data);
            section.WriteTo(file, ref _endBytes);
        }

        using (var section = new ImageSection(ImageSectionKind.Metadata))
        {
            foreach (var families in head.Metadata.ListCarried().Chunk(FamiliesPerSection))
            {
                // Without the name of a series the family is always named.
                var entries = families.Select(family => MetadataRecords.Encode(
                    family.Family, family.Metadata, metricName: "", family.Carrier.WalRef));
                WalRecordEncoder.Encode([.. entries], section.Data);
                section.WriteTo(file, ref _endBytes);
            }
        }

        WriteExemplars(file);
    }

    private void WriteOtherRefs(IDataFile file)
    {
        using var section = new ImageSection(ImageSectionKind.OtherRefs);
        foreach (var other in head.OtherRefs)
        {
            if (!head.Store.Has(other.Series, other.WalRef)) continue;
            section.Data.WriteUvarint(other.OtherRef);
            section.Data.WriteUvarint(other.WalRef);
            if (section.IsFull) section.WriteTo(file, ref _endBytes);
        }

        section.WriteTo(file, ref _endBytes);
    }

    private void WriteExemplars(IDataFile file)
    {
        using var section = new ImageSection(ImageSectionKind.Exemplars);
        var found = new List<(Labels Series, Exemplar Exemplar)>();
        var from = 0L;
        bool goesOn;
        do
        {
            found.Clear();
            goesOn = head.Exemplars.TryCopy(ref from, _exemplars, ExemplarsPerSlice, found);
            foreach (var (series, exemplar) in found)
            {
                ImageLabels.Write(series, section.Data);
                ImageLabels.Write(exemplar.Labels, section.Data);
                section.Data.WriteVarint(exemplar.TimestampMs);
                section.Data.WriteDouble(exemplar.Value);
                section.Data.WriteByte(exemplar.HasOwnTimestamp ? (byte)1 : (byte)0);
            }

            if (section.IsFull) section.WriteTo(file, ref _endBytes);
        }
        while (goesOn);
        section.WriteTo(file, ref _endBytes);
    }

    private void WriteEnd(IDataFile file, int series)
    {
        var isFlushed = false;
        Between(() => isFlushed = head.FullChunks.TryFlush());
        if (!isFlushed) throw new IOException("the head's chunk files cannot be written");
        using var section = new ImageSection(ImageSectionKind.End);
        section.Data.WriteInt64(series);
        section.Data.WriteUInt64(head.Table.LastWalRef);
        // The last thing that is read: what was dropped from a series meanwhile lies before it.
        section.Data.WriteInt64(head.MinValidTimeMs);
        section.WriteTo(file, ref _endBytes);
    }

    private void DeleteUnfinished()
    {
        try
        {
            directory.Delete(HeadImageFormat.UnfinishedPath);
        }
        catch (IOException)
        {
            // The error that led here says more; the next image begins with it.
        }
    }
}
