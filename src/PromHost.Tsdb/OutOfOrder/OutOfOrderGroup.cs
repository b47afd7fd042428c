using System.Runtime.InteropServices;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The samples of a commit group that are appended out of order; the counterpart of <see cref="CommitGroup"/>, and
/// used by it.
/// </summary>
/// <param name="head">The head.</param>
/// <param name="writesStartTimestamps">Are start timestamps logged?</param>
internal sealed class OutOfOrderGroup(Head head, bool writesStartTimestamps)
{
    private const int MaxRecordSamples = 16 * 1024;
    private const int MaxKeptSamples = 64 * 1024;

    private readonly OutOfOrderHead _outOfOrder = head.OutOfOrder;
    private readonly OutOfOrderSamples _stored = new(head.FullChunks);
    private readonly List<WalSample> _floats = [];
    private readonly List<AcceptedDetail> _details = [];
    private readonly List<(OutOfOrderSeries Series, OutOfOrderSample Sample)> _samples = [];
    private readonly WalHistogramLog _log = new();

    // By series and time; made when a sample may be in the group itself.
    private Dictionary<(int Series, long TimestampMs), StoredSample>? _accepted;

    /// <summary>The number of accepted samples.</summary>
    public int Count => _samples.Count;

    /// <summary>The number of those that are native histograms.</summary>
    public int HistogramCount { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _floats.Clear();
        _details.Clear();
        HistogramCount = 0;
        _samples.Clear();
        _accepted = null;
        if (_samples.Capacity <= MaxKeptSamples) return;
        _samples.Capacity = MaxKeptSamples;
        _floats.Capacity = Math.Min(_floats.Capacity, MaxKeptSamples);
        _details.Capacity = Math.Min(_details.Capacity, MaxKeptSamples);
    }

    /// <summary>Finds an out-of-order sample, stored or accepted in this group.</summary>
    /// <returns>False when there is none, or its chunk cannot be read.</returns>
    public bool TryFind(int series, long timestampMs, out StoredSample found)
    {
        found = default;
        if (!_outOfOrder.TryGet(series, out var known) || timestampMs > known.DecidedMaxTimeMs) return false;
        return _stored.TryFind(known, timestampMs, out found) ||
            (_samples.Count > 0 && Accepted().TryGetValue((series, timestampMs), out found));
    }

    /// <summary>Accepts a float.</summary>
    public void Accept(int series, ref SeriesState state, in StagedSample sample)
    {
        _floats.Add(new WalSample(state.WalRef, sample.TimestampMs, sample.Value));
        Add(series, new OutOfOrderSample(sample.TimestampMs, sample.Value));
    }

    /// <summary>Accepts a native histogram, or a float with a start timestamp.</summary>
    public void Accept(int series, ref SeriesState state, long timestampMs, in StagedDetail detail)
    {
        var type = WalHistogramRecord.TypeOf(detail, writesStartTimestamps);
        _details.Add(new AcceptedDetail(series, state.WalRef, timestampMs, detail, type));
        if (detail.Histogram is not null) HistogramCount++;
        Add(series, new OutOfOrderSample(timestampMs, detail.Value, detail.StartTimestampMs, detail.Histogram));
    }

    /// <summary>Adds the samples to the out-of-order log, without flushing.</summary>
    public void Log(WalWriter wbl, ByteWriter buffer)
    {
        var floats = CollectionsMarshal.AsSpan(_floats);
        for (var start = 0; start < floats.Length; start += MaxRecordSamples)
        {
            buffer.Clear();
            var count = Math.Min(MaxRecordSamples, floats.Length - start);
            WalRecordEncoder.Encode(floats.Slice(start, count), buffer);
            wbl.Append(buffer.WrittenSpan);
        }

        _log.Add(CollectionsMarshal.AsSpan(_details), wbl, buffer);
    }

    /// <summary>Appends the samples.</summary>
    /// <param name="commit">The commit's number.</param>
    /// <param name="oldestView">The commit of the oldest view.</param>
    public void Apply(ulong commit, ulong oldestView)
    {
        if (_samples.Count == 0) return;
        _outOfOrder.Begin(commit, oldestView);
        var samples = CollectionsMarshal.AsSpan(_samples);
        foreach (ref readonly var accepted in samples) _outOfOrder.Append(accepted.Series, accepted.Sample);
        // After the last one: Prometheus cuts when the next sample comes.
        foreach (ref readonly var accepted in samples) _outOfOrder.CutFull(accepted.Series);
    }

    private void Add(int series, OutOfOrderSample sample)
    {
        var found = _outOfOrder.GetOrAdd(series);
        found.DecidedMaxTimeMs = Math.Max(found.DecidedMaxTimeMs, sample.TimestampMs);
        _samples.Add((found, sample));
        _accepted?.Add((series, sample.TimestampMs), new StoredSample(sample.Value, sample.Histogram));
    }

    private Dictionary<(int Series, long TimestampMs), StoredSample> Accepted()
    {
        if (_accepted is not null) return _accepted;
        _accepted = new Dictionary<(int, long), StoredSample>(_samples.Count);
        foreach (var (series, sample) in _samples)
            _accepted.Add((series.Series, sample.TimestampMs), new StoredSample(sample.Value, sample.Histogram));
        return _accepted;
    }
}
