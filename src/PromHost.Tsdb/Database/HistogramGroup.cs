// Hot path: every native histogram is logged and applied here.
using System.Runtime.InteropServices;
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The native histograms of a commit group; the counterpart of <see cref="CommitGroup"/>, and used by it. Says in which
/// parts the group is to be logged, so that a series that changes between floats and histograms is logged in the order
/// of its samples (Prometheus: <c>headAppender.getCurrentBatch</c>).
/// </summary>
internal sealed class HistogramGroup
{
    private const int MaxKeptHistograms = 16 * 1024;

    private readonly List<AcceptedHistogram> _accepted = [];
    private readonly List<CommitPart> _parts = [];
    private readonly Dictionary<int, WalRecordType> _typesOfPart = [];
    private readonly WalHistogramLog _log = new();
    private readonly RawHistogram _raw = new();
    private int _floatStart;
    private int _histogramStart;

    // By series and time; made when a sample may be in the group itself.
    private Dictionary<(int Series, long TimestampMs), NativeHistogram>? _byTime;

    /// <summary>The number of accepted histograms.</summary>
    public int Count => _accepted.Count;

    /// <summary>The series of the accepted histograms.</summary>
    public IEnumerable<int> Series => _accepted.Select(accepted => accepted.Series);

    /// <summary>Are start timestamps logged? Only with Prometheus's feature: 3.5 cannot read such a log.</summary>
    public bool WritesStartTimestamps { get; set; }

    /// <summary>The marker that a series of histograms ended.</summary>
    public static NativeHistogram StaleOf(bool isInteger) =>
        new() { IsInteger = isInteger, Schema = 0, Count = 0, Sum = StaleMarker.Value };

    /// <summary>The reason for which a histogram is rejected.</summary>
    public static AppendResult ReasonOf(HistogramFaultKind fault) => fault switch
    {
        HistogramFaultKind.Schema => AppendResult.HistogramSchema,
        HistogramFaultKind.Spans => AppendResult.HistogramSpans,
        HistogramFaultKind.NegativeCount => AppendResult.HistogramNegativeCount,
        HistogramFaultKind.Count => AppendResult.HistogramCountMismatch,
        _ => AppendResult.HistogramCustomBounds,
    };

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _accepted.Clear();
        _parts.Clear();
        _typesOfPart.Clear();
        _floatStart = 0;
        _histogramStart = 0;
        _byTime = null;
        if (_accepted.Capacity > MaxKeptHistograms) _accepted.Capacity = MaxKeptHistograms;
    }

    /// <summary>Accepts a histogram that is newer than all of its series.</summary>
    /// <param name="series">Its series.</param>
    /// <param name="state">The state of the series.</param>
    /// <param name="timestampMs">Its timestamp.</param>
    /// <param name="staged">The histogram.</param>
    /// <param name="floats">Floats accepted before it.</param>
    public void Accept(int series, ref SeriesState state, long timestampMs, StagedHistogram staged, int floats)
    {
        var histogram = staged.Histogram;
        state.DecidedTimeMs = timestampMs;
        state.DecidedBits = BitConverter.DoubleToUInt64Bits(histogram.Sum);
        state.DecidedKind = StoredSample.KindOf(histogram);
        var type = WalHistogramRecord.TypeOf(histogram, WritesStartTimestamps);
        ref var typeOfPart = ref CollectionsMarshal.GetValueRefOrAddDefault(_typesOfPart, series, out var isIn);
        if (isIn && typeOfPart != type)
        {
            EndPart(floats);
            _typesOfPart[series] = type;
        }
        else
        {
            typeOfPart = type;
        }

        _accepted.Add(
            new AcceptedHistogram(series, state.WalRef, timestampMs, staged.StartTimestampMs, histogram, type));
        _byTime?.Add((series, timestampMs), histogram);
    }

    /// <summary>A float is about to be accepted for a series whose newest sample is a histogram.</summary>
    /// <param name="series">The series.</param>
    /// <param name="floats">Floats accepted before it.</param>
    public void BeforeFloat(int series, int floats)
    {
        if (_typesOfPart.ContainsKey(series)) EndPart(floats);
    }

    /// <summary>Finds a histogram accepted in this group.</summary>
    public bool TryFind(int series, long timestampMs, out StoredSample found)
    {
        found = default;
        if (_accepted.Count == 0 || !ByTime().TryGetValue((series, timestampMs), out var histogram)) return false;
        found = new StoredSample(histogram.Sum, histogram);
        return true;
    }

    /// <summary>The parts of the group, in order.</summary>
    /// <param name="floats">All floats accepted.</param>
    public ReadOnlySpan<CommitPart> Parts(int floats)
    {
        if (_floatStart < floats || _histogramStart < _accepted.Count) EndPart(floats);
        return CollectionsMarshal.AsSpan(_parts);
    }

    /// <summary>Adds the records of a part's histograms to a log, without flushing.</summary>
    public void Log(in CommitPart part, WalWriter wal, ByteWriter buffer) =>
        _log.Add(CollectionsMarshal.AsSpan(_accepted)[part.HistogramStart..part.HistogramEnd], wal, buffer);

    /// <summary>Appends a part's histograms.</summary>
    public void Apply(in CommitPart part, SeriesAppender appender)
    {
        foreach (ref readonly var accepted in
            CollectionsMarshal.AsSpan(_accepted)[part.HistogramStart..part.HistogramEnd])
        {
            _raw.Set(accepted.Histogram);
            appender.Append(accepted.Series, accepted.TimestampMs, accepted.StartMs, _raw);
        }
    }

    private void EndPart(int floats)
    {
        _parts.Add(new CommitPart(_floatStart, floats, _histogramStart, _accepted.Count));
        _floatStart = floats;
        _histogramStart = _accepted.Count;
        _typesOfPart.Clear();
    }

    private Dictionary<(int Series, long TimestampMs), NativeHistogram> ByTime()
    {
        if (_byTime is not null) return _byTime;
        _byTime = new Dictionary<(int, long), NativeHistogram>(_accepted.Count);
        foreach (var accepted in _accepted) _byTime.Add((accepted.Series, accepted.TimestampMs), accepted.Histogram);
        return _byTime;
    }
}
