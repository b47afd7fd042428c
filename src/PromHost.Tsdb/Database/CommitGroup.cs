// Hot path: every sample is decided and logged here.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Batches that are committed together: their samples decided in order, logged, applied. For the committer.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item><see cref="Decide"/> settles what becomes of each sample, seeing the samples before it in the group.</item>
/// <item><see cref="Log"/> adds the records of what is accepted to the WAL, new series first.</item>
/// <item>When the WAL has them, <see cref="Apply"/> appends to the chunks: nothing is refused any more.</item>
/// <item>When it has not, <see cref="Revert"/> takes the decisions back.</item>
/// </list>
/// </remarks>
/// <param name="head">The head.</param>
/// <param name="outOfOrderWindowMs">How far behind the head samples are taken out of order; 0: not at all.</param>
/// <param name="writesStartTimestamps">Are start timestamps logged?</param>
internal sealed class CommitGroup(Head head, long outOfOrderWindowMs, bool writesStartTimestamps)
{
    private const int PrefetchDistance = 8;
    private const int MaxRecordSamples = 16 * 1024;

    // Room for a group of the default size; what one huge batch needs is given back.
    private const int MaxKeptSamples = 128 * 1024;

    private readonly SeriesStore _store = head.Store;
    private readonly StoredSamples _stored = new(head.Store, head.FullChunks);
    private readonly OutOfOrderGroup _outOfOrder = new(head, writesStartTimestamps);
    private readonly HistogramGroup _histograms = new(writesStartTimestamps);
    private readonly List<int> _newSeries = [];
    private readonly List<WalSeries> _seriesRecords = [];
    private WalSample[] _samples = new WalSample[4096];
    private int[] _series = new int[4096];
    private int _count;

    // The newest sample accepted, in the head or about to be.
    private long _maxTimeMs;
    private AppendBounds _bounds;

    // Accepted samples by series and time; made when a batch looks back at samples of its own group.
    private Dictionary<(int Series, long TimestampMs), ulong>? _accepted;

    /// <summary>The number of accepted samples.</summary>
    public int Count => _count + _histograms.Count + _outOfOrder.Count;

    /// <summary>The number of those that are native histograms.</summary>
    public int HistogramCount => _histograms.HistogramCount + _outOfOrder.HistogramCount;

    /// <summary>The number of those that come out of order.</summary>
    public int OutOfOrderCount => _outOfOrder.Count;

    /// <summary>The number of native histograms among these.</summary>
    public int OutOfOrderHistogramCount => _outOfOrder.HistogramCount;

    /// <summary>The series whose records the group logs.</summary>
    public IReadOnlyList<int> NewSeries => _newSeries;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        if (_samples.Length > MaxKeptSamples)
        {
            _samples = new WalSample[MaxKeptSamples];
            _series = new int[MaxKeptSamples];
        }

        _count = 0;
        _newSeries.Clear();
        _accepted = null;
        _outOfOrder.Clear();
        _histograms.Clear();
        _maxTimeMs = head.Appender.MaxTimeMs;
    }

    /// <summary>Decides the samples of a batch; rejected ones are noted in it.</summary>
    public void Decide(AppendBatch batch)
    {
        batch.ReplaceGone(head);
        var staged = batch.Samples;
        if (_samples.Length - _count < staged.Length) Grow(staged.Length);
        var first = Count;
        var alreadyStored = 0;
        _bounds = BoundsOf(staged);
        var inOrderFromMs = _bounds.InOrderFromMs;
        var maxTimeMs = _maxTimeMs;
        for (var i = 0; i < staged.Length; i++)
        {
            if (i + PrefetchDistance < staged.Length && staged[i + PrefetchDistance].Series is > 0 and var ahead)
                _store.PrefetchState(ahead);
            ref readonly var sample = ref staged[i];
            if (sample.Series < 0)
            {
                if (DecideDetail(batch, sample, ref maxTimeMs) == AppendResult.AlreadyStored) alreadyStored++;
                continue;
            }

            ref var state = ref _store.State(sample.Series);
            if (sample.TimestampMs > state.DecidedTimeMs && sample.TimestampMs >= inOrderFromMs)
            {
                Accept(ref state, sample);
                maxTimeMs = Math.Max(maxTimeMs, sample.TimestampMs);
            }
            else if (DecideOld(batch, ref state, sample, default) == AppendResult.AlreadyStored)
            {
                alreadyStored++;
            }
        }

        _maxTimeMs = maxTimeMs;
        batch.AddStored(Count - first, alreadyStored);
    }

    /// <summary>Has a series that something other than a sample names logged.</summary>
    public void EnsureLogged(int series)
    {
        ref var state = ref _store.State(series);
        if (!state.IsLogged) AddSeries(ref state, series);
    }

    /// <summary>Adds the group's records to the WAL, without flushing.</summary>
    public void Log(WalWriter wal, ByteWriter buffer)
    {
        if (_newSeries.Count > 0) LogSeries(wal, buffer);
        foreach (ref readonly var part in _histograms.Parts(_count))
        {
            for (var start = part.FloatStart; start < part.FloatEnd; start += MaxRecordSamples)
            {
                buffer.Clear();
                var count = Math.Min(MaxRecordSamples, part.FloatEnd - start);
                WalRecordEncoder.Encode(new ReadOnlySpan<WalSample>(_samples, start, count), buffer);
                wal.Append(buffer.WrittenSpan);
            }

            _histograms.Log(part, wal, buffer);
        }
    }

    /// <summary>
    /// Adds the records of the samples out of order to their log, without flushing; <see cref="Log"/> comes first.
    /// </summary>
    public void LogOutOfOrder(WalWriter wbl, ByteWriter buffer) => _outOfOrder.Log(wbl, buffer);

    /// <summary>Appends the accepted samples.</summary>
    /// <param name="appender">For those in order; the commit is begun.</param>
    /// <param name="commit">The commit's number.</param>
    /// <param name="oldestView">The commit of the oldest view.</param>
    public void Apply(SeriesAppender appender, ulong commit, ulong oldestView)
    {
        foreach (ref readonly var part in _histograms.Parts(_count))
        {
            var samples = _samples.AsSpan(0, part.FloatEnd);
            var series = _series.AsSpan(0, part.FloatEnd);
            for (var i = part.FloatStart; i < samples.Length; i++)
            {
                if (i + PrefetchDistance < samples.Length) appender.Prefetch(series[i + PrefetchDistance]);
                appender.Append(series[i], samples[i].TimestampMs, samples[i].Value);
            }

            _histograms.Apply(part, appender);
        }

        _outOfOrder.Apply(commit, oldestView);
    }

    /// <summary>Takes all decisions back, as if the group had not been.</summary>
    public void Revert()
    {
        foreach (var series in _series.AsSpan(0, _count)) Settle(series);
        foreach (var series in _histograms.Series) Settle(series);
        foreach (var series in _newSeries) _store.State(series).IsLogged = false;
        Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Accept(ref SeriesState state, in StagedSample sample)
    {
        if (state.DecidedKind != SampleKind.Float && IsAcceptedAsHistogram(ref state, sample)) return;
        state.DecidedTimeMs = sample.TimestampMs;
        state.DecidedBits = BitConverter.DoubleToUInt64Bits(sample.Value);
        if (!state.IsLogged) AddSeries(ref state, sample.Series);
        _samples[_count] = new WalSample(state.WalRef, sample.TimestampMs, sample.Value);
        _series[_count] = sample.Series;
        _count++;
        _accepted?.Add((sample.Series, sample.TimestampMs), state.DecidedBits);
    }

    private void Settle(int series)
    {
        ref var state = ref _store.State(series);
        _stored.Settle(series, ref state, head.Appender.LastTimeMs(series));
        if (state.DecidedTimeMs == long.MinValue) head.Table.RecallEvicted(series);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddSeries(ref SeriesState state, int series)
    {
        state.IsLogged = true;
        _newSeries.Add(series);
    }

    // Of an empty head the first sample is the newest, as in Prometheus.
    private AppendBounds BoundsOf(ReadOnlySpan<StagedSample> staged)
    {
        var isEmpty = _maxTimeMs == long.MinValue && staged.Length > 0;
        return AppendBounds.Of(
            isEmpty ? staged[0].TimestampMs : _maxTimeMs,
            head.MinValidTimeMs,
            head.Appender.BlockRangeMs,
            outOfOrderWindowMs);
    }

    // The sample cannot be appended in order: it is stored already, or comes out of order, or is rejected.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private AppendResult DecideOld(
        AppendBatch batch, ref SeriesState state, in StagedSample sample, in StagedDetail detail)
    {
        var histogram = detail.Histogram;
        Delay(ref state, sample.TimestampMs);
        if (TryFind(ref state, sample.Series, sample.TimestampMs, out var found))
        {
            if (found.IsSame(sample.Value, histogram)) return AppendResult.AlreadyStored;
            var existing = new FloatSample(sample.TimestampMs, found.Value);
            return Reject(batch, sample, AppendResult.DuplicateTimestamp, existing, histogram);
        }

        var result = Judge(sample.TimestampMs);
        if (result != AppendResult.Stored) return Reject(batch, sample, result, NewestOf(ref state), histogram);
        if (!state.IsLogged) AddSeries(ref state, sample.Series);
        if (detail != default)
            _outOfOrder.Accept(sample.Series, ref state, sample.TimestampMs, detail);
        else if (IsHistogramMarker(ref state, sample.Value))
            _outOfOrder.Accept(sample.Series, ref state, sample.TimestampMs, StaleOf(ref state));
        else
            _outOfOrder.Accept(sample.Series, ref state, sample);
        return result;
    }

    // Is it the marker that a series of histograms ended? Whoever writes it does not know what the series was.
    private static bool IsHistogramMarker(ref SeriesState state, double value) =>
        state.DecidedKind >= SampleKind.IntegerHistogram && StaleMarker.Is(value);

    // No series can hold the smallest number: it stands for "no sample yet".
    private AppendResult Judge(long timestampMs) =>
        timestampMs == long.MinValue ? AppendResult.OutOfBounds : _bounds.Judge(timestampMs);

    private void Delay(ref SeriesState state, long timestampMs)
    {
        if (timestampMs < _bounds.HeadMaxTimeMs && timestampMs != state.DecidedTimeMs)
            head.OutOfOrder.Delays?.Record((_bounds.HeadMaxTimeMs - (double)timestampMs) / 1000);
    }

    private static StagedDetail StaleOf(ref SeriesState state) =>
        new(0, HistogramGroup.StaleOf(state.DecidedKind == SampleKind.IntegerHistogram));

    private static FloatSample NewestOf(ref SeriesState state) => state.DecidedTimeMs == long.MinValue
        ? default
        : new FloatSample(state.DecidedTimeMs, BitConverter.UInt64BitsToDouble(state.DecidedBits));

    private bool TryFind(ref SeriesState state, int series, long timestampMs, out StoredSample found)
    {
        if (TryFindInOrder(ref state, series, timestampMs, out found)) return true;
        return _outOfOrder.TryFind(series, timestampMs, out found);
    }

    private bool TryFindInOrder(ref SeriesState state, int series, long timestampMs, out StoredSample found)
    {
        found = new StoredSample(BitConverter.UInt64BitsToDouble(state.DecidedBits));
        if (timestampMs > state.DecidedTimeMs || timestampMs == long.MinValue) return false;
        if (IsDeleted(ref state, timestampMs)) return false;
        if (timestampMs == state.DecidedTimeMs && state.DecidedKind <= SampleKind.FloatWithStart) return true;
        if (timestampMs <= head.Appender.LastTimeMs(series)) return _stored.TryFind(series, timestampMs, out found);
        if (_histograms.TryFind(series, timestampMs, out found)) return true;
        var isFloat = Accepted().TryGetValue((series, timestampMs), out var bits);
        found = new StoredSample(BitConverter.UInt64BitsToDouble(bits));
        return isFloat;
    }

    // What is deleted may come again, and out of order: it is not stored any more.
    private bool IsDeleted(ref SeriesState state, long timestampMs)
    {
        var tombstones = head.Tombstones.Current;
        return !tombstones.IsEmpty && DeletedIntervals.Touch(tombstones.Of(state.WalRef), timestampMs, timestampMs);
    }

    private Dictionary<(int Series, long TimestampMs), ulong> Accepted()
    {
        if (_accepted is not null) return _accepted;
        _accepted = new Dictionary<(int, long), ulong>(_count);
        for (var i = 0; i < _count; i++)
        {
            ref readonly var sample = ref _samples[i];
            _accepted.Add((_series[i], sample.TimestampMs), BitConverter.DoubleToUInt64Bits(sample.Value));
        }

        return _accepted;
    }

    private AppendResult DecideDetail(AppendBatch batch, in StagedSample staged, ref long maxTimeMs)
    {
        var detail = batch.DetailOf(staged);
        var sample = new StagedSample(~staged.Series, staged.TimestampMs, detail.Value);
        if (detail.Histogram is { } histogram && !HistogramValidation.IsValid(histogram, out var fault))
            return Reject(batch, sample, HistogramGroup.ReasonOf(fault.Kind), default, histogram);
        ref var state = ref _store.State(sample.Series);
        if (sample.TimestampMs <= state.DecidedTimeMs || sample.TimestampMs < _bounds.InOrderFromMs)
            return DecideOld(batch, ref state, sample, detail);
        if (detail.Histogram is null && IsHistogramMarker(ref state, detail.Value)) detail = StaleOf(ref state);
        Accept(ref state, sample, detail);
        maxTimeMs = Math.Max(maxTimeMs, sample.TimestampMs);
        return AppendResult.Stored;
    }

    private void Accept(ref SeriesState state, in StagedSample sample, in StagedDetail detail)
    {
        if (!state.IsLogged) AddSeries(ref state, sample.Series);
        _histograms.Accept(sample.Series, ref state, sample.TimestampMs, detail, _count);
    }

    // The newest sample of the series is no plain float.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsAcceptedAsHistogram(ref SeriesState state, in StagedSample sample)
    {
        if (IsHistogramMarker(ref state, sample.Value))
        {
            Accept(ref state, sample, StaleOf(ref state));
            return true;
        }

        _histograms.BeforeFloat(sample.Series, _count);
        state.DecidedKind = SampleKind.Float;
        return false;
    }

    private AppendResult Reject(
        AppendBatch batch,
        in StagedSample sample,
        AppendResult reason,
        FloatSample existing,
        NativeHistogram? histogram = null)
    {
        var offered = new FloatSample(sample.TimestampMs, sample.Value);
        batch.Reject(new RejectedSample(head.Table.LabelsOf(sample.Series), offered, reason, existing)
        {
            Histogram = histogram,
        });
        return reason;
    }

    private void LogSeries(WalWriter wal, ByteWriter buffer)
    {
        _seriesRecords.Clear();
        foreach (var series in _newSeries)
            _seriesRecords.Add(new WalSeries(_store.State(series).WalRef, head.Table.MakeLabels(series)));
        buffer.Clear();
        WalRecordEncoder.Encode(CollectionsMarshal.AsSpan(_seriesRecords), buffer);
        _seriesRecords.Clear();
        wal.Append(buffer.WrittenSpan);
    }

    private void Grow(int count)
    {
        var length = Math.Max(_samples.Length * 2, _count + count);
        Array.Resize(ref _samples, length);
        Array.Resize(ref _series, length);
    }
}
