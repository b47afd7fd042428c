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
internal sealed class CommitGroup(Head head)
{
    private const int PrefetchDistance = 8;
    private const int MaxRecordSamples = 16 * 1024;

    // Room for a group of the default size; what one huge batch needs is given back.
    private const int MaxKeptSamples = 128 * 1024;

    private readonly SeriesStore _store = head.Store;
    private readonly StoredSamples _stored = new(head.Store, head.FullChunks);
    private readonly List<int> _newSeries = [];
    private readonly List<WalSeries> _seriesRecords = [];
    private WalSample[] _samples = new WalSample[4096];
    private int[] _series = new int[4096];
    private int _count;

    // Accepted samples by series and time; made when a batch looks back at samples of its own group.
    private Dictionary<(int Series, long TimestampMs), ulong>? _accepted;

    /// <summary>The number of accepted samples.</summary>
    public int Count => _count;

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
    }

    /// <summary>Decides the samples of a batch; rejected ones are noted in it.</summary>
    public void Decide(AppendBatch batch)
    {
        var staged = batch.Samples;
        if (_samples.Length - _count < staged.Length) Grow(staged.Length);
        var first = _count;
        var alreadyStored = 0;
        for (var i = 0; i < staged.Length; i++)
        {
            if (i + PrefetchDistance < staged.Length && staged[i + PrefetchDistance].Series is > 0 and var ahead)
                _store.PrefetchState(ahead);
            ref readonly var sample = ref staged[i];
            if (sample.Series < 0)
            {
                RejectHistogram(batch, sample);
                continue;
            }

            ref var state = ref _store.State(sample.Series);
            if (sample.TimestampMs > state.DecidedTimeMs) Accept(ref state, sample);
            else if (IsStored(batch, ref state, sample)) alreadyStored++;
        }

        batch.AddStored(_count - first, alreadyStored);
    }

    /// <summary>Adds the group's records to the WAL, without flushing.</summary>
    public void Log(WalWriter wal, ByteWriter buffer)
    {
        if (_newSeries.Count > 0) LogSeries(wal, buffer);
        for (var start = 0; start < _count; start += MaxRecordSamples)
        {
            buffer.Clear();
            var count = Math.Min(MaxRecordSamples, _count - start);
            WalRecordEncoder.Encode(new ReadOnlySpan<WalSample>(_samples, start, count), buffer);
            wal.Append(buffer.WrittenSpan);
        }
    }

    /// <summary>Appends the accepted samples.</summary>
    public void Apply(SeriesAppender appender)
    {
        var samples = _samples.AsSpan(0, _count);
        var series = _series.AsSpan(0, _count);
        for (var i = 0; i < samples.Length; i++)
        {
            if (i + PrefetchDistance < samples.Length) appender.Prefetch(series[i + PrefetchDistance]);
            appender.Append(series[i], samples[i].TimestampMs, samples[i].Value);
        }
    }

    /// <summary>Takes all decisions back, as if the group had not been.</summary>
    public void Revert()
    {
        foreach (var series in _series.AsSpan(0, _count))
        {
            ref var state = ref _store.State(series);
            state.DecidedTimeMs = head.Appender.LastTimeMs(series);
            state.DecidedBits = LastBits(series, ref state);
        }

        foreach (var series in _newSeries) _store.State(series).IsLogged = false;
        Clear();
    }

    /// <summary>The bits of the newest applied value of a series.</summary>
    public ulong LastBits(int series, ref SeriesState state)
    {
        if (state.Encoder.Count > 0) return state.Encoder.LastValueBits;
        return _stored.TryFind(series, state.DecidedTimeMs, out var bits) ? bits : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Accept(ref SeriesState state, in StagedSample sample)
    {
        state.DecidedTimeMs = sample.TimestampMs;
        state.DecidedBits = BitConverter.DoubleToUInt64Bits(sample.Value);
        if (!state.IsLogged) AddSeries(ref state, sample.Series);
        _samples[_count] = new WalSample(state.WalRef, sample.TimestampMs, sample.Value);
        _series[_count] = sample.Series;
        _count++;
        _accepted?.Add((sample.Series, sample.TimestampMs), state.DecidedBits);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddSeries(ref SeriesState state, int series)
    {
        state.IsLogged = true;
        _newSeries.Add(series);
    }

    // The sample is not newer than its series: says whether it is there already, else rejects it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsStored(AppendBatch batch, ref SeriesState state, in StagedSample sample)
    {
        var newest = new FloatSample(state.DecidedTimeMs, BitConverter.UInt64BitsToDouble(state.DecidedBits));
        if (sample.TimestampMs == long.MinValue)
        {
            // No series can hold it: it stands for "no sample yet".
            Reject(batch, sample, AppendResult.OutOfBounds, newest);
            return false;
        }

        if (!TryFind(ref state, sample, out var bits))
        {
            Reject(batch, sample, AppendResult.OutOfOrder, newest);
            return false;
        }

        if (bits == BitConverter.DoubleToUInt64Bits(sample.Value)) return true;
        var existing = new FloatSample(sample.TimestampMs, BitConverter.UInt64BitsToDouble(bits));
        Reject(batch, sample, AppendResult.DuplicateTimestamp, existing);
        return false;
    }

    private bool TryFind(ref SeriesState state, in StagedSample sample, out ulong bits)
    {
        bits = state.DecidedBits;
        if (sample.TimestampMs == state.DecidedTimeMs) return true;
        return sample.TimestampMs > head.Appender.LastTimeMs(sample.Series)
            ? Accepted().TryGetValue((sample.Series, sample.TimestampMs), out bits)
            : _stored.TryFind(sample.Series, sample.TimestampMs, out bits);
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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RejectHistogram(AppendBatch batch, in StagedSample sample)
    {
        var real = sample with { Series = ~sample.Series };
        Reject(batch, real, AppendResult.HistogramUnsupported, default);
    }

    private void Reject(AppendBatch batch, in StagedSample sample, AppendResult reason, FloatSample existing)
    {
        var offered = new FloatSample(sample.TimestampMs, sample.Value);
        batch.Reject(new RejectedSample(head.Table.LabelsOf(sample.Series), offered, reason, existing));
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
