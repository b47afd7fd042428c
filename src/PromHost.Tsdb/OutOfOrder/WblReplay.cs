// A start reads every sample of the out-of-order log here.
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>
/// Rebuilds the out-of-order part of the head. Used by <see cref="HeadReplay"/>, after the WAL was read.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>Chunks are found when a Prometheus has written them: those of the mapped files that are marked as out of
/// order. We make ours anew.</item>
/// <item>The samples of the log are gathered per series, and become chunks when they are many. A marker names a chunk:
/// the samples that are in it are forgotten. Chunks are compared by content, so that a marker costs nothing when its
/// chunk is another one by now, and may be missing: what is left is compared with the chunks as well.</item>
/// <item>A marker whose chunk is not there (a power cut took it) is taken out of the log: Prometheus, which goes by
/// the order of chunks, would forget the samples once later chunks are written. So are samples whose series is not in
/// the WAL (a power cut may take the WAL's end alone): a later series of a Prometheus may get its number.</item>
/// </list>
/// </remarks>
internal sealed class WblReplay(Head head, IDataDirectory directory, DamageLedger damages)
{
    /// <summary>The directory of the log.</summary>
    public const string Path = "wbl";

    // So that a long log takes no more memory than the head did.
    private const int MaxOpenSamples = 128;

    private readonly OutOfOrderHead _outOfOrder = head.OutOfOrder;
    private readonly OutOfOrderSamples _stored = new(head.FullChunks);
    private readonly Dictionary<ulong, List<MappedChunk>> _chunks = [];
    private readonly HashSet<WalMmapMarker> _found = [];
    private readonly List<WalMmapMarker> _markers = [];
    private readonly HashSet<ulong> _otherRefs = [];
    private readonly HashSet<string> _staleSegments = new(StringComparer.Ordinal);
    private readonly SeriesRefSet _lost = new();
    private readonly RawHistogram _histogram = new();
    private WalSample[] _samples = [];
    private long _unreadRecords;

    /// <summary>Samples read from the log, those in chunks included.</summary>
    public long Samples { get; private set; }

    /// <summary>Chunks found mapped.</summary>
    public long Chunks { get; private set; }

    /// <summary>Samples whose series is not in the WAL.</summary>
    public long UnknownSamples { get; private set; }

    /// <summary>Records and chunks of kinds that cannot be read here.</summary>
    public long Unsupported { get; private set; }

    /// <summary>Takes note of an out-of-order chunk in the mapped files.</summary>
    public void Find(ChunkDiskRef chunkRef, in HeadChunkHeader header)
    {
        _found.Add(new WalMmapMarker(header.SeriesRef, chunkRef.Value));
        if (!ChunkEncodings.IsKnown(header.Encoding))
        {
            Unsupported++;
            return;
        }

        if (!_chunks.TryGetValue(header.SeriesRef, out var chunks)) _chunks[header.SeriesRef] = chunks = [];
        chunks.Add(new MappedChunk(header.MinTimestampMs, header.MaxTimestampMs, chunkRef.Value));
    }

    /// <summary>Gives a series of the WAL its chunks.</summary>
    public void Attach(int series, ulong walRef)
    {
        if (!_chunks.Remove(walRef, out var chunks)) return;
        foreach (var chunk in chunks) _outOfOrder.AddMapped(series, chunk);
        Keep(series, walRef);
        Chunks += chunks.Count;
    }

    /// <summary>Reads the log.</summary>
    /// <param name="seriesOf">The series of a number of the WAL; 0 when there is none.</param>
    /// <exception cref="WalCompressionException">The log cannot be read here; nothing was changed.</exception>
    public void Run(Func<ulong, int> seriesOf)
    {
        using (var reader = new WalReader(directory, WalSegments.List(directory, Path)))
        {
            while (reader.TryRead(out var record)) Apply(record, reader.Segment, seriesOf);
            damages.Add(WalRepair.Run(directory, reader.Damages));
            damages.Add(WalRepair.CloseHoles(directory, Path, first: null));
        }

        var rewrite = new WblRewrite(directory, _found, _lost);
        foreach (var segment in _staleSegments)
        {
            if (rewrite.Run(segment) is { } damage) damages.Add([damage]);
        }

        foreach (var series in _outOfOrder.Series) Settle(series);
        _outOfOrder.KeepRefs(_otherRefs);
        _outOfOrder.IsLogNeeded = _unreadRecords > 0;
        Unsupported += _unreadRecords;
    }

    private void Apply(ReadOnlySpan<byte> record, WalSegment segment, Func<ulong, int> seriesOf)
    {
        switch (WalRecordDecoder.TypeOf(record))
        {
            case WalRecordType.SamplesV2:
                ApplyFloats(record, segment, seriesOf);
                break;
            case WalRecordType.Samples:
                if (!WalRecordDecoder.TryDecodeSamples(record, ref _samples, out var count)) Unsupported++;
                foreach (ref readonly var sample in _samples.AsSpan(0, count))
                    Append(sample.Ref, new OutOfOrderSample(sample.TimestampMs, sample.Value), segment, seriesOf);
                break;
            case var type when WalHistograms.Holds(type):
                ApplyHistograms(record, segment, seriesOf);
                break;
            case WalRecordType.MmapMarkers:
                _markers.Clear();
                if (!WalRecordDecoder.TryDecodeMmapMarkers(record, _markers)) Unsupported++;
                foreach (var marker in _markers) Mark(marker, segment, seriesOf);
                break;
            default:
                _unreadRecords++;
                break;
        }
    }

    private void ApplyFloats(ReadOnlySpan<byte> record, WalSegment segment, Func<ulong, int> seriesOf)
    {
        var reader = new WalFloats(record);
        while (reader.MoveNext())
        {
            var sample = new OutOfOrderSample(reader.TimestampMs, reader.Value, reader.StartTimestampMs);
            Append(reader.Ref, sample, segment, seriesOf);
        }

        if (reader.IsMalformed) Unsupported++;
    }

    private void ApplyHistograms(ReadOnlySpan<byte> record, WalSegment segment, Func<ulong, int> seriesOf)
    {
        var reader = new WalHistograms(record, _histogram);
        while (reader.MoveNext())
        {
            var histogram = _histogram.ToNative();
            var sample = new OutOfOrderSample(
                reader.TimestampMs, histogram.Sum, reader.StartTimestampMs, histogram);
            Append(reader.Ref, sample, segment, seriesOf);
        }

        Unsupported += reader.Unreadable + (reader.IsMalformed ? 1 : 0);
    }

    private void Append(
        ulong walRef, in OutOfOrderSample sample, WalSegment segment, Func<ulong, int> seriesOf)
    {
        var series = seriesOf(walRef);
        if (series == 0)
        {
            UnknownSamples++;
            _lost.Add(walRef);
            _staleSegments.Add(segment.Path);
            return;
        }

        Keep(series, walRef);
        var late = _outOfOrder.GetOrAdd(series);
        _outOfOrder.Append(late, sample);
        Samples++;
        if (late.Now.OpenCount >= MaxOpenSamples) Settle(late);
    }

    private void Keep(int series, ulong walRef)
    {
        if (head.Store.State(series).WalRef != walRef) _otherRefs.Add(walRef);
    }

    private void Mark(WalMmapMarker marker, WalSegment segment, Func<ulong, int> seriesOf)
    {
        // Prometheus marks the first sample of a series with chunk 0: there is nothing to forget.
        if (marker.ChunkRef == 0) return;
        if (!_found.Contains(marker))
        {
            _staleSegments.Add(segment.Path);
            return;
        }

        if (!_outOfOrder.TryGet(seriesOf(marker.Ref), out var series) || series.Now.OpenCount == 0) return;
        foreach (var chunk in series.Now.AllChunks)
        {
            if (chunk.Reference == marker.ChunkRef) Forget(series, chunk);
        }
    }

    // What is left: each timestamp once, nothing that is in a chunk, and chunks as if it had just come.
    private void Settle(OutOfOrderSeries series)
    {
        if (series.Now.OpenCount == 0) return;
        series.Replace([], OutOfOrderChunks.Sort(series.Now.OpenSamples));
        foreach (var chunk in series.Now.AllChunks)
        {
            if (series.Now.OverlapsOpen(chunk.MinTimeMs, chunk.MaxTimeMs)) Forget(series, chunk);
        }

        _outOfOrder.CutFull(series);
    }

    private void Forget(OutOfOrderSeries series, in MappedChunk chunk)
    {
        var inChunk = _stored.Decode(chunk).TimestampsMs;
        var left = new List<OutOfOrderSample>();
        foreach (ref readonly var sample in series.Now.OpenSamples)
        {
            if (inChunk.BinarySearch(sample.TimestampMs) < 0) left.Add(sample);
        }

        if (left.Count < series.Now.OpenCount) series.Replace([], [.. left]);
    }
}
