// Hot path: filled per series of every query.
using PromHost.Model;

namespace PromHost.Storage;

/// <summary>
/// Samples of one series as columns, ascending by time. A buffer that is filled again and again; owned by one thread.
/// </summary>
/// <param name="pool">
/// Where histograms lie, which are valid until <see cref="Clear"/> then. Null: each is an object that stays as it is.
/// </param>
public sealed class SampleColumns(HistogramPool? pool = null)
{
    private long[] _timestampsMs = new long[256];
    private double[] _values = new double[256];
    private long[]? _startTimestampsMs;
    private NativeHistogram?[]? _histograms; // null where no histogram stands, also behind the end
    private bool _hasHistograms;
    private long _histogramBytes;

    /// <summary>Where histograms lie; null if each is an object of its own.</summary>
    public HistogramPool? Pool { get; } = pool;

    /// <summary>What a decoder keeps from chunk to chunk.</summary>
    public object? DecoderState { get; set; }

    /// <summary>Cancelled when nobody waits for the samples any more: filling then ends by an exception.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>The number of samples.</summary>
    public int Count { get; private set; }

    /// <summary>What the columns take in memory, with the histograms in them.</summary>
    public long SizeBytes => _timestampsMs.Length * 16L + (_startTimestampsMs?.Length ?? 0) * 8L +
        (_histograms?.Length ?? 0) * 8L + (Pool?.SizeBytes ?? _histogramBytes);

    /// <summary>Timestamps, <see cref="Count"/> long, ascending.</summary>
    public ReadOnlySpan<long> TimestampsMs => _timestampsMs.AsSpan(0, Count);

    /// <summary>Values, <see cref="Count"/> long; where a histogram stands the value means nothing.</summary>
    public ReadOnlySpan<double> Values => _values.AsSpan(0, Count);

    /// <summary>Start timestamps, <see cref="Count"/> long, or empty when none is known.</summary>
    public ReadOnlySpan<long> StartTimestampsMs =>
        _startTimestampsMs is null ? default : _startTimestampsMs.AsSpan(0, Count);

    /// <summary>Histograms, <see cref="Count"/> long with null for floats, or empty when there is none.</summary>
    public ReadOnlySpan<NativeHistogram?> Histograms => _hasHistograms ? _histograms.AsSpan(0, Count) : default;

    /// <summary>Forgets all samples; keeps the memory.</summary>
    public void Clear()
    {
        if (_hasHistograms) _histograms.AsSpan(0, Count).Clear();
        Count = 0;
        _startTimestampsMs = null;
        _hasHistograms = false;
        _histogramBytes = 0;
        Pool?.Clear();
    }

    /// <summary>Gives room for float samples that a decoder writes itself, followed by <see cref="Advance"/>.</summary>
    /// <param name="count">The room needed, in samples.</param>
    /// <param name="timestampsMs">At least <paramref name="count"/> long.</param>
    /// <param name="values">At least <paramref name="count"/> long.</param>
    public void Reserve(int count, out Span<long> timestampsMs, out Span<double> values)
    {
        // Once per chunk.
        Cancellation.ThrowIfCancellationRequested();
        if (_timestampsMs.Length - Count < count) Grow(count);
        timestampsMs = _timestampsMs.AsSpan(Count);
        values = _values.AsSpan(Count);
    }

    /// <summary>Takes the first samples of what was reserved.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _timestampsMs.Length - Count);
        Count += count;
    }

    /// <summary>Appends one float sample.</summary>
    public void Add(FloatSample sample)
    {
        if (Count == _timestampsMs.Length) Grow(1);
        _timestampsMs[Count] = sample.TimestampMs;
        _values[Count] = sample.Value;
        if (sample.StartTimestampMs != 0) StartTimestamps()[Count] = sample.StartTimestampMs;
        Count++;
    }

    /// <summary>Appends one histogram sample.</summary>
    public void Add(long timestampMs, long startTimestampMs, NativeHistogram histogram)
    {
        if ((Count & 127) == 0) Cancellation.ThrowIfCancellationRequested();
        Add(new FloatSample(timestampMs, histogram.Sum, startTimestampMs));
        HistogramColumn()[Count - 1] = Pool?.Own(histogram) ?? histogram;
        _histogramBytes += HistogramSize.BytesOf(histogram);
    }

    /// <summary>Appends samples of other columns.</summary>
    /// <param name="source">The other columns.</param>
    /// <param name="start">Its first sample to take.</param>
    /// <param name="count">How many.</param>
    public void Add(SampleColumns source, int start, int count)
    {
        Reserve(count, out var timestampsMs, out var values);
        source.TimestampsMs.Slice(start, count).CopyTo(timestampsMs);
        source.Values.Slice(start, count).CopyTo(values);
        if (source._startTimestampsMs is { } starts)
            starts.AsSpan(start, count).CopyTo(StartTimestamps().AsSpan(Count));
        if (source._hasHistograms) AddHistograms(source.Histograms.Slice(start, count));

        Count += count;
    }

    /// <summary>
    /// Says that nothing is known of a counter reset before a sample, because the one before it is not the one that its
    /// sender saw. Floats and gauge histograms stay.
    /// </summary>
    public void ForgetCounterReset(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        if (!_hasHistograms || _histograms![index] is not { } histogram ||
            histogram.CounterResetHint is CounterResetHint.Gauge or CounterResetHint.Unknown)
            return;
        if (Pool is null) _histograms[index] = histogram.WithHint(CounterResetHint.Unknown);
        else Pool.SetHint(histogram, CounterResetHint.Unknown);
    }

    /// <summary>Cuts the columns to their first samples.</summary>
    public void Truncate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        // What is appended next writes these two only where it has them.
        _startTimestampsMs?.AsSpan(count, Count - count).Clear();
        if (_hasHistograms) _histograms.AsSpan(count, Count - count).Clear();
        Count = count;
    }

    /// <summary>Takes samples out.</summary>
    /// <param name="start">The first one.</param>
    /// <param name="count">How many; 0 to those that are there.</param>
    public void Remove(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Count - count);
        if (count == 0) return;
        var rest = Count - start - count;
        Array.Copy(_timestampsMs, start + count, _timestampsMs, start, rest);
        Array.Copy(_values, start + count, _values, start, rest);
        if (_startTimestampsMs is not null)
            Array.Copy(_startTimestampsMs, start + count, _startTimestampsMs, start, rest);
        if (_hasHistograms) Array.Copy(_histograms!, start + count, _histograms!, start, rest);
        Truncate(start + rest);
    }

    private void AddHistograms(ReadOnlySpan<NativeHistogram?> histograms)
    {
        var column = HistogramColumn();
        for (var i = 0; i < histograms.Length; i++)
        {
            if (histograms[i] is not { } histogram) continue;
            column[Count + i] = Pool?.Own(histogram) ?? histogram;
            _histogramBytes += HistogramSize.BytesOf(histogram);
        }
    }

    private NativeHistogram?[] HistogramColumn()
    {
        _hasHistograms = true;
        if (_histograms is null || _histograms.Length < _timestampsMs.Length)
            _histograms = new NativeHistogram?[_timestampsMs.Length];
        return _histograms;
    }

    private long[] StartTimestamps() => _startTimestampsMs ??= new long[_timestampsMs.Length];

    private void Grow(int count)
    {
        var size = Math.Max(_timestampsMs.Length * 2, Count + count);
        Array.Resize(ref _timestampsMs, size);
        Array.Resize(ref _values, size);
        if (_startTimestampsMs is not null) Array.Resize(ref _startTimestampsMs, size);
        if (_hasHistograms) Array.Resize(ref _histograms, size);
    }
}
