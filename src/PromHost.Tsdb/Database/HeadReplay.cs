// Hot path: a start reads every sample of the log here.
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using PromHost.Chunks;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Rebuilds the head from disk. Used once, by one thread, before anybody reads or writes.</summary>
/// <remarks>
/// <list type="number">
/// <item>The headers of all mapped chunks are read and kept by the series' number in the log.</item>
/// <item>The head is filled from its image, if there is one: <see cref="HeadImageReplay"/>.</item>
/// <item>The log is read, from the image's place or from its beginning, by a thread that decodes ahead: <see
/// cref="WalReadAhead"/>. A series record creates the series, or finds
/// it when an older record had the same labels, and gives it its chunks. A sample is appended if it is newer than all
/// of its series: those in mapped chunks are not, so nothing is applied twice.</item>
/// <item>Damage is cut out of the log, so that it can be appended to.</item>
/// <item>The log of the samples that came out of order is read in the same way: <see cref="WblReplay"/>.</item>
/// </list>
/// </remarks>
internal sealed class HeadReplay
{
    private const string WalPath = "wal";

    // Numbers below it are looked up in an array, higher ones (a directory that has churned for years) in a dictionary.
    private const int MaxDenseRef = 1 << 24;
    private const int PrefetchDistance = 8;

    // Prometheus takes none above it.
    private const ulong MaxRef = 1UL << 40;

    private readonly Head _head;
    private readonly IDataDirectory _directory;
    private readonly ILogger _logger;
    private readonly DamageLedger _damages;
    private readonly Dictionary<ulong, List<MappedChunk>> _chunks = [];
    private readonly Dictionary<ulong, int> _sparse = [];
    private readonly WalRecordDecoder _decoder = new();
    private readonly WblReplay _outOfOrder;
    private readonly HistogramReplay _histograms;
    private readonly Func<ulong, int> _seriesOf;
    private bool _hasEarlier;
    private readonly SideReplay _side;
    private readonly TombstoneReplay _tombstones;
    private readonly HeadImageReplay _image;
    private EarlierSeries? _earlierSeries;
    private int[] _dense = new int[1024];
    private long _unknownSamples;
    private ulong _maxUnknownRef;
    private long _unsupportedRecords;
    private int _firstSegment;
    private int _lastSegment;
    private int _currentSegment;
    private bool _readsLog;

    public HeadReplay(Head head, IDataDirectory directory, DamageLedger damages, ILogger logger)
    {
        _head = head;
        _directory = directory;
        _logger = logger;
        _damages = damages;
        _outOfOrder = new WblReplay(head, directory, damages);
        _histograms = new HistogramReplay(head);
        _side = new SideReplay(head);
        _tombstones = new TombstoneReplay(head);
        _image = new HeadImageReplay(head, directory, WalPath, logger);
        _seriesOf = Find;
    }

    /// <summary>Gives it up; what the files hold stays as it is.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Samples applied from the log.</summary>
    public long Samples { get; private set; }

    /// <summary>Chunks found mapped.</summary>
    public long Chunks { get; private set; }

    /// <summary>Bytes of the log that were read, up to the last record; 0 when there was none.</summary>
    public long LogBytes { get; private set; }

    /// <summary>What became of the head image.</summary>
    public HeadImageReplay Image => _image;

    /// <summary>Has the log lost records that the image had?</summary>
    public bool HasLostRecords { get; private set; }

    /// <summary>How far it is; for any thread.</summary>
    public ReplayStatus Status
    {
        get
        {
            var build = _image.Build;
            return new ReplayStatus(
                Done: false,
                Volatile.Read(ref _firstSegment),
                Volatile.Read(ref _lastSegment),
                Volatile.Read(ref _currentSegment))
            {
                ImageSeries = build?.Series ?? 0,
                ImageSeriesRead = build?.SeriesRead ?? 0,
                ReadsLog = Volatile.Read(ref _readsLog),
            };
        }
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="WalCompressionException">The log cannot be read here; nothing was changed.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public void Run(HeadChunkFiles files)
    {
        ReadChunks(files);
        _head.FullChunks.Files = files;
        var start = _image.TryRun(_chunks, Register, _seriesOf, Apply, Stopping);
        var segments = WalSegments.ListForReplay(_directory, WalPath);
        if (start is { } position) segments = [.. segments.SkipWhile(s => s.Path != position.PathIn(WalPath))];
        if (segments.Count > 0)
        {
            _firstSegment = segments[0].Number;
            _lastSegment = segments[^1].Number;
            _currentSegment = _firstSegment;
        }

        Volatile.Write(ref _readsLog, true);
        using (var reader = new WalReader(_directory, segments) { StartBytes = start?.OffsetBytes ?? 0 })
        {
            ReadLog(reader);
            var earlier = _image.TakeEarlierDamages();
            // It may have ended early: before anything is repaired.
            Stopping.ThrowIfCancellationRequested();
            HasLostRecords = earlier.Count > 0;
            Repair([.. earlier, .. reader.Damages]);
        }

        Settle();
        Samples += _histograms.Applied;
        _unknownSamples += _histograms.Unknown;
        _unsupportedRecords += _histograms.Unreadable;
        RunOutOfOrder();
        _tombstones.Finish();
        Restore();
        if (_maxUnknownRef < MaxRef) _head.Table.Reserve(_maxUnknownRef);
        if (_unknownSamples > 0) TsdbLog.UnknownSeries(_logger, _unknownSamples);
        if (_unsupportedRecords > 0) TsdbLog.UnsupportedRecords(_logger, _unsupportedRecords);
        Forget();
    }

    private void ReadLog(WalReader reader)
    {
        using var log = new WalReadAhead(reader);
        while (log.TryTake(out var batch))
        {
            Stopping.ThrowIfCancellationRequested();
            Volatile.Write(ref _currentSegment, batch.Segment);
            LogBytes = batch.LogBytes;
            _unsupportedRecords += batch.Malformed;
            Append(batch.Samples);
            foreach (var series in batch.Series) AddSeries(series);
            if (!batch.Record.IsEmpty) Apply(batch.Record);
        }
    }

    // What only a replay needs.
    private void Forget()
    {
        _head.OtherRefs = [.. FindOtherRefs()];
        _dense = [];
        _sparse.Clear();
        _chunks.Clear();
        _earlierSeries = null;
    }

    private IEnumerable<OtherSeriesRef> FindOtherRefs()
    {
        for (var walRef = 1; walRef < _dense.Length; walRef++)
        {
            if (IsOther(_dense[walRef], (ulong)walRef)) yield return OtherRef(_dense[walRef], (ulong)walRef);
        }

        foreach (var (walRef, series) in _sparse)
        {
            if (IsOther(series, walRef)) yield return OtherRef(series, walRef);
        }
    }

    private bool IsOther(int series, ulong walRef) => series != 0 && _head.Store.State(series).WalRef != walRef;

    private OtherSeriesRef OtherRef(int series, ulong walRef) => new(walRef, series, _head.Store.State(series).WalRef);

    private void Repair(IReadOnlyList<WalDamage> found)
    {
        IReadOnlyList<Damage> damages =
        [
            .. WalRepair.Run(_directory, found),
            .. _maxUnknownRef > 0 ? WalRepair.SetEmptyCheckpointAside(_directory, WalPath) : [],
            .. WalRepair.CloseHoles(_directory, WalPath, first: 0),
        ];
        _damages.Add(damages);
        _damages.Add(_image.Missing);
        // What is missing is told once.
        _image.RemoveIgnored();
        WalCheckpoint.RemoveUnfinished(_directory, WalPath);
        WalRepair.RemoveReplaced(_directory, WalPath, damages);
    }

    private void RunOutOfOrder()
    {
        _outOfOrder.Run(_seriesOf);
        Samples += _outOfOrder.Samples;
        Chunks += _outOfOrder.Chunks;
        _unknownSamples += _outOfOrder.UnknownSamples;
        _unsupportedRecords += _outOfOrder.Unsupported;
    }

    private void ReadChunks(HeadChunkFiles files)
    {
        var damages = files.ForEach((ChunkDiskRef chunkRef, in HeadChunkHeader header, ReadOnlySpan<byte> _) =>
        {
            _head.Table.Reserve(header.SeriesRef);
            if (header.IsOutOfOrder)
            {
                _outOfOrder.Find(chunkRef, header);
                return;
            }

            if (header.MaxTimestampMs < _head.MinValidTimeMs) return;
            if (!ChunkEncodings.IsKnown(header.Encoding))
            {
                _unsupportedRecords++;
                return;
            }

            if (!_chunks.TryGetValue(header.SeriesRef, out var chunks)) _chunks[header.SeriesRef] = chunks = [];
            chunks.Add(new MappedChunk(header.MinTimestampMs, header.MaxTimestampMs, chunkRef.Value));
        });
        _damages.Add(damages);
    }

    private void Restore()
    {
        var files = ChunksToRestore.List(_directory);
        if (!_hasEarlier && !_histograms.HasEarlier && files.Count == 0) return;
        var restoration = new Restoration(_head, _directory, _damages, _seriesOf);
        try
        {
            if (_hasEarlier || _histograms.HasEarlier) restoration.SearchLog();
            restoration.SearchChunkFiles(files);
        }
        catch (IOException error)
        {
            TsdbLog.NotRestored(_logger, error);
        }
    }

    // A record of another kind than samples and series.
    private void Apply(ReadOnlySpan<byte> record)
    {
        switch (WalRecordDecoder.TypeOf(record))
        {
            case WalRecordType.SamplesV2:
                _histograms.ApplyFloats(record, _seriesOf);
                break;
            case WalRecordType.Exemplars:
            case WalRecordType.Metadata:
                if (!_side.TryApply(record, _decoder, FindQuietly)) _unsupportedRecords++;
                break;
            case WalRecordType.Tombstones:
                if (!_tombstones.TryApply(record, FindQuietly)) _unsupportedRecords++;
                break;
            case var type when WalHistograms.Holds(type):
                _histograms.Apply(record, _seriesOf);
                break;
            default:
                _unsupportedRecords++;
                break;
        }
    }

    private void AddSeries(WalSeries logged)
    {
        if (logged.Labels.IsEmpty || logged.Ref == 0) return;
        Register(_head.Table.GetOrAddLogged(logged.Labels, logged.Ref, out _), logged.Ref);
    }

    private void Register(int series, ulong walRef)
    {
        if (walRef < MaxDenseRef)
        {
            if (walRef >= (ulong)_dense.Length)
                Array.Resize(ref _dense, Math.Max(_dense.Length * 2, (int)walRef + 1));
            _dense[walRef] = series;
        }
        else
        {
            _sparse[walRef] = series;
        }

        _outOfOrder.Attach(series, walRef);
        if (!_chunks.Remove(walRef, out var chunks)) return;
        foreach (var chunk in chunks)
        {
            // A series with two numbers may have its newest chunks under either; what overlaps comes from the log.
            ref readonly var state = ref _head.Store.State(series);
            if (state.HasOpenChunk || chunk.MinTimeMs <= _head.Appender.LastTimeMs(series)) continue;
            _head.Appender.AddMapped(series, chunk);
            Chunks++;
        }
    }

    private void Append(ReadOnlySpan<WalSample> samples)
    {
        var minValidTimeMs = _head.MinValidTimeMs;
        for (var i = 0; i < samples.Length; i++)
        {
            Prefetch(samples, i);
            ref readonly var sample = ref samples[i];
            var series = SeriesOf(sample.Ref);
            if (series == 0 && (series = Find(sample.Ref)) == 0)
            {
                _unknownSamples++;
                continue;
            }

            // What is older lies in a block: the log is cut later.
            if (sample.TimestampMs < minValidTimeMs) continue;
            if (sample.TimestampMs <= _head.Appender.LastTimeMs(series))
            {
                _hasEarlier |= _head.Appender.IsBeforeMapped(series, sample.TimestampMs);
                continue;
            }

            _head.Appender.Append(series, sample.TimestampMs, sample.Value);
            Samples++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Prefetch(ReadOnlySpan<WalSample> samples, int index)
    {
        if (index + (2 * PrefetchDistance) >= samples.Length) return;
        var far = SeriesOf(samples[index + (2 * PrefetchDistance)].Ref);
        if (far > 0) _head.Store.PrefetchState(far);
        var near = SeriesOf(samples[index + PrefetchDistance].Ref);
        if (near > 0) _head.Appender.Prefetch(near);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int SeriesOf(ulong walRef)
    {
        if (walRef < (ulong)_dense.Length) return _dense[walRef];
        return _sparse.TryGetValue(walRef, out var series) ? series : 0;
    }

    private int Find(ulong walRef)
    {
        var series = FindQuietly(walRef);
        // A number is not given again, also when its record is lost.
        if (series == 0) _maxUnknownRef = Math.Max(_maxUnknownRef, walRef);
        return series;
    }

    private int FindQuietly(ulong walRef) => SeriesOf(walRef) is > 0 and var series ? series : FindEarlier(walRef);

    // A number that the image does not know may be in the part of the log that is not read.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int FindEarlier(ulong walRef)
    {
        if (_image.Used is not { } image) return 0;
        _earlierSeries ??= new EarlierSeries(_directory, WalPath, image.Position, SeriesOf, Stopping);
        if (!_earlierSeries.TryGet(walRef, out var logged)) return 0;
        AddSeries(logged);
        return SeriesOf(walRef);
    }

    // What the committer remembers of the newest sample.
    private void Settle()
    {
        var stored = new StoredSamples(_head.Store, _head.FullChunks);
        var ordinals = _head.Index.Ordinals;
        for (var ordinal = 1; ordinals.TryFindFrom(ref ordinal, ordinals.Last, out var series); ordinal++)
        {
            ref var state = ref _head.Store.State(series);
            stored.Settle(series, ref state, _head.Appender.LastTimeMs(series));
        }
    }
}
