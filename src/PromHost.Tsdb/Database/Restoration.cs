using System.Runtime.InteropServices;
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Brings back samples that the replay could not append because the head has newer ones of their series: as samples
/// out of order, logged as such, so that Prometheus finds them too. Used by <see cref="HeadReplay"/> after all else.
/// </summary>
/// <remarks>
/// There are such samples only after damage:
/// <list type="bullet">
/// <item>Those that lie before the first chunk of their series, because a file of mapped chunks is missing, or a block
/// was put aside. The log is read once more for them.</item>
/// <item>Those in sound chunks behind the damage of a chunk file, when the log is damaged as well.</item>
/// </list>
/// </remarks>
/// <param name="head">The head, replayed.</param>
/// <param name="directory">The data directory.</param>
/// <param name="damages">Takes what was done.</param>
/// <param name="seriesOf">The series of a number of the log; 0 when it has none.</param>
internal sealed class Restoration(
    Head head, IDataDirectory directory, DamageLedger damages, Func<ulong, int> seriesOf)
{
    private const int MaxPending = 16 * 1024;

    private readonly List<(int Series, OutOfOrderSample Sample)> _pending = [];
    private readonly HashSet<(int Series, long TimestampMs)> _pendingTimes = [];
    private readonly Dictionary<int, long> _newestMs = [];
    private readonly OutOfOrderSamples _outOfOrder = new(head.FullChunks);
    private readonly WalHistogramLog _histogramLog = new();
    private readonly SampleColumns _found = new();
    private readonly SampleColumns _stored = new();
    private WalWriter? _log;
    private long _restored;
    private long _unknown;

    /// <summary>Searches the log for samples before the first chunk of their series.</summary>
    /// <exception cref="IOException">They cannot be logged; they are still in the log for the next start.</exception>
    public void SearchLog()
    {
        WalSample[] samples = [];
        var histogram = new RawHistogram();
        using (var reader = WalReader.Open(directory, "wal"))
        {
            while (reader.TryRead(out var record))
            {
                var type = WalRecordDecoder.TypeOf(record);
                if (type is WalRecordType.Samples or WalRecordType.SamplesV2)
                {
                    WalRecordDecoder.TryDecodeSamples(record, ref samples, out var count);
                    foreach (ref readonly var sample in samples.AsSpan(0, count))
                        AddEarlier(sample.Ref, new OutOfOrderSample(sample.TimestampMs, sample.Value));
                }
                else if (WalHistograms.Holds(type))
                {
                    var histograms = new WalHistograms(record, histogram);
                    while (histograms.MoveNext())
                    {
                        var native = histogram.ToNative();
                        AddEarlier(histograms.Ref, new OutOfOrderSample(
                            histograms.TimestampMs, native.Sum, histograms.StartTimestampMs, native));
                    }
                }
            }
        }

        Finish("samples of the log lie before the chunks of their series, of which a file or a block is missing");
    }

    /// <summary>Searches what was cut off of chunk files for samples that the head does not have.</summary>
    /// <param name="files">These files, and from where on they are to be searched.</param>
    /// <exception cref="IOException">They cannot be logged; the next start searches again.</exception>
    public void SearchChunkFiles(IReadOnlyList<(string Path, int StartBytes)> files)
    {
        foreach (var (path, startBytes) in files)
        {
            using var file = directory.OpenRead(path);
            if (file.Length > Array.MaxLength) continue;
            // Not mapped: the file may have holes, and the disk be full.
            var bytes = GC.AllocateUninitializedArray<byte>((int)file.Length);
            var count = file.ReadFully(bytes, 0);
            ChunkSearch.Run(bytes.AsSpan(0, count), number: 0, startBytes, AddChunk);
        }

        Finish("samples were found in sound chunks behind the damage, and not in the log");
        if (files.Count > 0) ChunksToRestore.Remove(directory);
    }

    private void AddEarlier(ulong walRef, in OutOfOrderSample sample)
    {
        var series = seriesOf(walRef);
        if (series == 0) return;
        // Prometheus logs late samples here, too: they are in its other log, or in blocks, perhaps deleted there.
        ref var newestMs = ref CollectionsMarshal.GetValueRefOrAddDefault(_newestMs, series, out var isKnown);
        if (isKnown && sample.TimestampMs <= newestMs) return;
        newestMs = sample.TimestampMs;
        if (sample.TimestampMs < head.MinValidTimeMs) return;
        head.Store.Read(series, out var snapshot);
        if (!snapshot.IsEmpty && sample.TimestampMs < snapshot.FirstTimeMs) Add(series, sample);
    }

    private void AddChunk(ChunkDiskRef chunkRef, in HeadChunkHeader header, ReadOnlySpan<byte> data)
    {
        // Those of late samples may be in blocks, and deleted there; their log has them until then.
        if (header.IsOutOfOrder || header.MaxTimestampMs < head.MinValidTimeMs) return;
        _found.Clear();
        if (!ChunkColumns.TryAppend(header.Encoding, data, head.MinValidTimeMs, long.MaxValue, _found)) return;
        var series = seriesOf(header.SeriesRef);
        if (series == 0)
        {
            _unknown += _found.Count;
            return;
        }

        ReadStored(series, header.MinTimestampMs, header.MaxTimestampMs);
        for (var i = 0; i < _found.Count; i++)
        {
            if (_stored.TimestampsMs.BinarySearch(_found.TimestampsMs[i]) >= 0) continue;
            Add(series, new OutOfOrderSample(
                _found.TimestampsMs[i],
                _found.Values[i],
                _found.StartTimestampsMs.IsEmpty ? 0 : _found.StartTimestampsMs[i],
                _found.Histograms.IsEmpty ? null : _found.Histograms[i]));
        }
    }

    private void ReadStored(int series, long minTimeMs, long maxTimeMs)
    {
        _stored.Clear();
        var view = head.Isolation.OpenView();
        try
        {
            using var set = new HeadSeriesSet(head, new HeadView(head, view, minTimeMs, maxTimeMs), [], 0);
            set.ReadSamples(new SeriesEntry(head.Table.LabelsOf(series), set, series), minTimeMs, maxTimeMs, _stored);
        }
        finally
        {
            head.Isolation.CloseView(view);
        }
    }

    private void Add(int series, in OutOfOrderSample sample)
    {
        if (IsDeleted(series, sample.TimestampMs) || !_pendingTimes.Add((series, sample.TimestampMs))) return;
        if (head.OutOfOrder.TryGet(series, out var late) && _outOfOrder.TryFind(late, sample.TimestampMs, out _))
            return;
        _pending.Add((series, sample));
        if (_pending.Count >= MaxPending) Flush();
    }

    private bool IsDeleted(int series, long timestampMs)
    {
        foreach (var interval in head.Tombstones.Current.Of(head.Store.State(series).WalRef))
        {
            if (interval.Contains(timestampMs)) return true;
        }

        return false;
    }

    // The log first, as ever.
    private void Flush()
    {
        if (_pending.Count == 0) return;
        _log ??= WalWriter.Open(directory, WblReplay.Path);
        var floats = new List<WalSample>();
        var details = new List<AcceptedDetail>();
        foreach (var (series, sample) in _pending)
        {
            var walRef = head.Store.State(series).WalRef;
            var withStarts = head.Rules.WritesStartTimestamps;
            if (sample.Histogram is null && !(withStarts && sample.StartTimestampMs != 0))
            {
                floats.Add(new WalSample(walRef, sample.TimestampMs, sample.Value));
                continue;
            }

            var detail = new StagedDetail(sample.StartTimestampMs, sample.Value, sample.Histogram);
            details.Add(new AcceptedDetail(
                series, walRef, sample.TimestampMs, detail, WalHistogramRecord.TypeOf(detail, withStarts)));
        }

        using var buffer = new ByteWriter();
        if (floats.Count > 0)
        {
            WalRecordEncoder.Encode(CollectionsMarshal.AsSpan(floats), buffer);
            _log.Append(buffer.WrittenSpan);
        }

        _histogramLog.Add(CollectionsMarshal.AsSpan(details), _log, buffer);
        _log.Flush();
        foreach (var (series, sample) in _pending)
        {
            var late = head.OutOfOrder.GetOrAdd(series);
            head.OutOfOrder.Append(late, sample);
            head.OutOfOrder.CutFull(late);
        }

        _restored += _pending.Count;
        _pending.Clear();
        _pendingTimes.Clear();
    }

    private void Finish(string reason)
    {
        try
        {
            Flush();
            _log?.Sync();
        }
        finally
        {
            _log?.Dispose();
            _log = null;
        }

        if (_restored > 0)
        {
            damages.Add(new Damage(
                HeadChunkFormat.DirectoryName, 0, $"{_restored} {reason}: put back as samples out of order", null));
        }

        if (_unknown > 0)
        {
            var lost = $"{_unknown} samples are lost with the record of their series";
            damages.Add(new Damage(HeadChunkFormat.DirectoryName, 0, lost, null));
        }

        _restored = 0;
        _unknown = 0;
    }
}
