// Hot path: every native histogram is logged and applied here.
using System.Runtime.InteropServices;
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The native histograms of a commit group, and its floats with start timestamps; the counterpart of <see
/// cref="CommitGroup"/>, and used by it. Says in which parts the group is to be logged, so that a series that changes
/// between floats and histograms is logged in the order of its samples (Prometheus:
/// <c>headAppender.getCurrentBatch</c>).
/// </summary>
/// <param name="writesStartTimestamps">
/// Are start timestamps logged? Only with Prometheus's feature <c>st-storage</c>: 3.5 cannot read such a log.
/// </param>
internal sealed class HistogramGroup(bool writesStartTimestamps)
{
    private const int MaxKeptHistograms = 16 * 1024;

    private readonly List<AcceptedDetail> _accepted = [];
    private readonly List<CommitPart> _parts = [];
    private readonly Dictionary<int, WalRecordType> _typesOfPart = [];
    private readonly WalHistogramLog _log = new();
    private readonly RawHistogram _raw = new();
    private int _floatStart;
    private int _histogramStart;

    // By series and time; made when a sample may be in the group itself.
    private Dictionary<(int Series, long TimestampMs), StoredSample>? _byTime;

    /// <summary>The number of accepted samples.</summary>
    public int Count => _accepted.Count;

    /// <summary>The number of native histograms among them.</summary>
    public int HistogramCount { get; private set; }

    /// <summary>The series of the accepted samples.</summary>
    public IEnumerable<int> Series => _accepted.Select(accepted => accepted.Series);

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
        HistogramCount = 0;
        _byTime = null;
        if (_accepted.Capacity > MaxKeptHistograms) _accepted.Capacity = MaxKeptHistograms;
    }

    /// <summary>Accepts a sample that is newer than all of its series.</summary>
    /// <param name="series">Its series.</param>
    /// <param name="state">The state of the series.</param>
    /// <param name="timestampMs">Its timestamp.</param>
    /// <param name="detail">The sample.</param>
    /// <param name="floats">Floats accepted before it.</param>
    public void Accept(int series, ref SeriesState state, long timestampMs, StagedDetail detail, int floats)
    {
        state.DecidedTimeMs = timestampMs;
        state.DecidedBits = BitConverter.DoubleToUInt64Bits(detail.Value);
        state.DecidedKind = detail.Histogram is null
            ? SampleKind.FloatWithStart
            : StoredSample.KindOf(detail.Histogram);
        if (detail.Histogram is not null) HistogramCount++;
        var type = WalHistogramRecord.TypeOf(detail, writesStartTimestamps);
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

        _accepted.Add(new AcceptedDetail(series, state.WalRef, timestampMs, detail, type));
        _byTime?.Add((series, timestampMs), new StoredSample(detail.Value, detail.Histogram));
    }


    /// <summary>A float is about to be accepted for a series whose newest sample may be in this group.</summary>
    /// <param name="series">The series.</param>
    /// <param name="floats">Floats accepted before it.</param>
    public void BeforeFloat(int series, int floats)
    {
        if (_typesOfPart.ContainsKey(series)) EndPart(floats);
    }

    /// <summary>Finds a sample accepted in this group.</summary>
    public bool TryFind(int series, long timestampMs, out StoredSample found)
    {
        found = default;
        return _accepted.Count > 0 && ByTime().TryGetValue((series, timestampMs), out found);
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
            var (startMs, value, histogram) = accepted.Detail;
            if (histogram is null)
            {
                appender.Append(accepted.Series, accepted.TimestampMs, startMs, value);
                continue;
            }

            _raw.Set(histogram);
            appender.Append(accepted.Series, accepted.TimestampMs, startMs, _raw);
        }
    }

    private void EndPart(int floats)
    {
        _parts.Add(new CommitPart(_floatStart, floats, _histogramStart, _accepted.Count));
        _floatStart = floats;
        _histogramStart = _accepted.Count;
        _typesOfPart.Clear();
    }

    private Dictionary<(int Series, long TimestampMs), StoredSample> ByTime()
    {
        if (_byTime is not null) return _byTime;
        _byTime = new Dictionary<(int, long), StoredSample>(_accepted.Count);
        foreach (var (series, _, timestampMs, detail, _) in _accepted)
            _byTime.Add((series, timestampMs), new StoredSample(detail.Value, detail.Histogram));
        return _byTime;
    }
}
