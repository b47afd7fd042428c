using System.Runtime.InteropServices;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The samples of a commit group that are appended out of order; the counterpart of <see cref="CommitGroup"/>, and
/// used by it.
/// </summary>
internal sealed class OutOfOrderGroup(Head head)
{
    private const int MaxRecordSamples = 16 * 1024;
    private const int MaxKeptSamples = 64 * 1024;

    private readonly OutOfOrderHead _outOfOrder = head.OutOfOrder;
    private readonly OutOfOrderSamples _stored = new(head.FullChunks);
    private readonly List<WalSample> _samples = [];
    private readonly List<OutOfOrderSeries> _series = [];

    // By series and time; made when a sample may be in the group itself.
    private Dictionary<(ulong WalRef, long TimestampMs), ulong>? _accepted;

    /// <summary>The number of accepted samples.</summary>
    public int Count => _samples.Count;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _samples.Clear();
        _series.Clear();
        _accepted = null;
        if (_samples.Capacity <= MaxKeptSamples) return;
        _samples.Capacity = MaxKeptSamples;
        _series.Capacity = MaxKeptSamples;
    }

    /// <summary>Finds an out-of-order sample, stored or accepted in this group.</summary>
    /// <returns>False when there is none, or its chunk cannot be read.</returns>
    public bool TryFind(int series, ref SeriesState state, long timestampMs, out ulong bits)
    {
        bits = 0;
        if (!_outOfOrder.TryGet(series, out var found) || timestampMs > found.DecidedMaxTimeMs) return false;
        return _stored.TryFind(found, timestampMs, out bits) ||
            (_samples.Count > 0 && Accepted().TryGetValue((state.WalRef, timestampMs), out bits));
    }

    /// <summary>Accepts a sample.</summary>
    public void Accept(int series, ref SeriesState state, in StagedSample sample)
    {
        var found = _outOfOrder.GetOrAdd(series);
        found.DecidedMaxTimeMs = Math.Max(found.DecidedMaxTimeMs, sample.TimestampMs);
        _series.Add(found);
        _samples.Add(new WalSample(state.WalRef, sample.TimestampMs, sample.Value));
        _accepted?.Add((state.WalRef, sample.TimestampMs), BitConverter.DoubleToUInt64Bits(sample.Value));
    }

    /// <summary>
    /// Adds the samples to the out-of-order log, without flushing: behind the markers of the chunks that were cut from
    /// the samples before them.
    /// </summary>
    public void Log(WalWriter wbl, ByteWriter buffer)
    {
        LogMarkers(head, wbl, buffer);
        var samples = CollectionsMarshal.AsSpan(_samples);
        for (var start = 0; start < samples.Length; start += MaxRecordSamples)
        {
            buffer.Clear();
            var count = Math.Min(MaxRecordSamples, samples.Length - start);
            WalRecordEncoder.Encode(samples.Slice(start, count), buffer);
            wbl.Append(buffer.WrittenSpan);
        }
    }

    /// <summary>Adds the markers that wait to the out-of-order log, without flushing.</summary>
    public static void LogMarkers(Head head, WalWriter wbl, ByteWriter buffer)
    {
        var markers = head.OutOfOrder.Markers;
        if (markers.Count == 0) return;
        // A marker is of use only when it is written before newer samples, so whatever happens it is not kept: without
        // it the samples are read from the log again, and found to be in the chunk.
        WalMmapMarker[] written = [.. markers];
        markers.Clear();
        if (!head.FullChunks.TryFlush()) return;
        buffer.Clear();
        WalRecordEncoder.Encode(written, buffer);
        wbl.Append(buffer.WrittenSpan);
    }

    /// <summary>Appends the samples.</summary>
    /// <param name="commit">The commit's number.</param>
    /// <param name="oldestView">The commit of the oldest view.</param>
    public void Apply(ulong commit, ulong oldestView)
    {
        if (_samples.Count == 0) return;
        _outOfOrder.Begin(commit, oldestView);
        var series = CollectionsMarshal.AsSpan(_series);
        for (var i = 0; i < series.Length; i++)
            _outOfOrder.Append(series[i], new OutOfOrderSample(_samples[i].TimestampMs, _samples[i].Value));
        // After the last one: a marker stands behind all samples of its series.
        foreach (var one in series) _outOfOrder.CutFull(one);
    }

    private Dictionary<(ulong WalRef, long TimestampMs), ulong> Accepted()
    {
        if (_accepted is not null) return _accepted;
        _accepted = new Dictionary<(ulong, long), ulong>(_samples.Count);
        foreach (var sample in _samples)
            _accepted.Add((sample.Ref, sample.TimestampMs), BitConverter.DoubleToUInt64Bits(sample.Value));
        return _accepted;
    }
}
