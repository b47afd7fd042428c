// Hot path: the most used function there is.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>
/// <c>rate</c>, <c>increase</c>, <c>delta</c>: the change over the window, corrected for counter resets and
/// extrapolated to the window's ends where the samples come close to them (Prometheus 3.14, <c>extrapolatedRate</c>).
/// </summary>
/// <remarks>
/// The resets of the whole series are found once; a window adds up only those inside of it, in their order, which
/// gives the bits of a walk over all of its samples.
/// </remarks>
internal struct RateKernel<TShape> : IRangeKernel
    where TShape : struct, IRateShape
{
    private readonly long _rangeMs;
    private readonly double _rangeSeconds;
    private int[] _resets; // indexes of samples below the one before
    private int _resetCount;
    private int _firstReset; // first one after the window's first sample

    public RateKernel(long rangeMs)
    {
        _rangeMs = rangeMs;
        _rangeSeconds = GoDuration.Seconds(rangeMs);
        _resets = [];
    }

    /// <inheritdoc/>
    public static int MinLaneSamples => 2;

    /// <inheritdoc/>
    public static bool ComputesAlike => true;

    /// <inheritdoc/>
    public void Begin(in RangeWindow window)
    {
        _resetCount = 0;
        _firstReset = 0;
        if (TShape.IsCounter) FindResets(window.Values);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCompute(in RangeWindow window, out double value)
    {
        var first = window.First;
        var last = window.End - 1;
        value = 0;
        if (last <= first) return false;
        var firstValue = window.Values[first];
        var change = window.Values[last] - firstValue;
        if (TShape.IsCounter && _resetCount != 0) change = AddResets(window.Values, first, last, change);

        var firstMs = window.TimestampsMs[first];
        var lastMs = window.TimestampsMs[last];
        var toStart = (firstMs - window.StartMs) / 1000.0;
        var toEnd = (window.EndMs - lastMs) / 1000.0;
        var sampled = (lastMs - firstMs) / 1000.0;
        var spacing = sampled / (last - first);
        var threshold = spacing * 1.1;
        if (toStart >= threshold) toStart = spacing / 2;
        if (TShape.IsCounter && change > 0 && firstValue >= 0)
        {
            // A counter cannot be negative: it did not begin before it was zero.
            var toZero = sampled * (firstValue / change);
            if (toZero < toStart) toStart = toZero;
        }

        if (toEnd >= threshold) toEnd = spacing / 2;
        var factor = (sampled + toStart + toEnd) / sampled;
        if (TShape.IsPerSecond) factor /= _rangeSeconds;
        value = change * factor;
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryComputeLanes(in WindowBlock windows, int index, out Vector256<double> values)
    {
        var (firstValue, firstMs) = windows.FirstSamples(index);
        var (lastValue, lastMs) = windows.LastSamples(index);
        var change = lastValue - firstValue;
        if (TShape.IsCounter && _firstReset < _resetCount &&
            _resets[_firstReset] < windows.Ends[index + WindowBlock.Lanes - 1])
        {
            change = AddResets(windows, index, change);
        }

        var endMs = windows.LaneTimes(index, windows.EndMs);
        var toStart = Vector256.ConvertToDouble(firstMs - (endMs - Vector256.Create(_rangeMs))) / 1000.0;
        var toEnd = Vector256.ConvertToDouble(endMs - lastMs) / 1000.0;
        var sampled = Vector256.ConvertToDouble(lastMs - firstMs) / 1000.0;
        var distances = windows.LaneCounts(index) - Vector128<int>.One;
        var spacing = sampled / Vector256.ConvertToDouble(Vector256.WidenLower(distances.ToVector256()));
        var threshold = spacing * 1.1;
        var half = spacing / 2;
        toStart = Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(toStart, threshold), half, toStart);
        if (TShape.IsCounter)
        {
            var toZero = sampled * (firstValue / change);
            var isNearer = Vector256.GreaterThan(change, Vector256<double>.Zero) &
                Vector256.GreaterThanOrEqual(firstValue, Vector256<double>.Zero) & Vector256.LessThan(toZero, toStart);
            toStart = Vector256.ConditionalSelect(isNearer, toZero, toStart);
        }

        toEnd = Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(toEnd, threshold), half, toEnd);
        var factor = (sampled + toStart + toEnd) / sampled;
        if (TShape.IsPerSecond) factor /= Vector256.Create(_rangeSeconds);
        values = change * factor;
        return true;
    }

    /// <inheritdoc/>
    public int ComputeAlike(in WindowBlock windows, Span<double> points)
    {
        // All but the counts of the samples is the same for all windows.
        var first = windows.Firsts[0];
        var last = windows.Ends[0] - 1;
        var toStart = (windows.TimestampsMs[first] - (windows.EndMs - _rangeMs)) / 1000.0;
        var toEnd = (windows.EndMs - windows.TimestampsMs[last]) / 1000.0;
        var sampled = (windows.TimestampsMs[last] - windows.TimestampsMs[first]) / 1000.0;
        var spacing = sampled / (last - first);
        var threshold = spacing * 1.1;
        if (toStart >= threshold) toStart = spacing / 2;
        if (toEnd >= threshold) toEnd = spacing / 2;
        var range = TShape.IsPerSecond ? _rangeSeconds : 1;
        var factor = Vector256.Create((sampled + toStart + toEnd) / sampled / range);
        var samples = new StridedLanes(windows);
        var i = 0;
        for (; i <= points.Length - WindowBlock.Lanes; i += WindowBlock.Lanes)
        {
            var firstValue = samples.Firsts(i);
            var change = samples.Lasts(i) - firstValue;
            if (TShape.IsCounter && _firstReset < _resetCount &&
                _resets[_firstReset] < windows.Ends[i + WindowBlock.Lanes - 1])
            {
                change = AddResets(windows, i, change);
            }

            var ownFactor = factor;
            if (TShape.IsCounter)
            {
                var toZero = sampled * (firstValue / change);
                var isNearer = Vector256.GreaterThan(change, Vector256<double>.Zero) &
                    Vector256.GreaterThanOrEqual(firstValue, Vector256<double>.Zero) &
                    Vector256.LessThan(toZero, Vector256.Create(toStart));
                if (isNearer.AsInt64() != Vector256<long>.Zero)
                {
                    var reached = Vector256.ConditionalSelect(isNearer, toZero, Vector256.Create(toStart));
                    ownFactor = (Vector256.Create(sampled) + reached + Vector256.Create(toEnd)) /
                        Vector256.Create(sampled) / Vector256.Create(range);
                }
            }

            (change * ownFactor).CopyTo(points[i..]);
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Vector256<double> AddResets(in WindowBlock windows, int index, Vector256<double> change)
    {
        for (var i = 0; i < WindowBlock.Lanes; i++)
        {
            var sum = AddResets(windows.Values, windows.Firsts[index + i], windows.Ends[index + i] - 1, change[i]);
            change = change.WithElement(i, sum);
        }

        return change;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private double AddResets(ReadOnlySpan<double> values, int first, int last, double change)
    {
        while (_firstReset < _resetCount && _resets[_firstReset] <= first) _firstReset++;
        for (var i = _firstReset; i < _resetCount && _resets[i] <= last; i++) change += values[_resets[i] - 1];
        return change;
    }

    private void FindResets(ReadOnlySpan<double> values)
    {
        var i = 1;
        if (Vector.IsHardwareAccelerated)
        {
            for (; i + Vector<double>.Count <= values.Length; i += Vector<double>.Count)
            {
                var current = new Vector<double>(values[i..]);
                var before = new Vector<double>(values[(i - 1)..]);
                if (Vector.LessThanAny(current, before)) FindResets(values, i, i + Vector<double>.Count);
            }
        }

        FindResets(values, i, values.Length);
    }

    private void FindResets(ReadOnlySpan<double> values, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if (!(values[i] < values[i - 1])) continue;
            if (_resetCount == _resets.Length) Array.Resize(ref _resets, Math.Max(16, _resetCount * 2));
            _resets[_resetCount++] = i;
        }
    }
}

/// <summary>What tells <c>rate</c>, <c>increase</c> and <c>delta</c> apart.</summary>
internal interface IRateShape
{
    /// <summary>Are falling values resets of a counter that cannot be negative?</summary>
    static abstract bool IsCounter { get; }

    /// <summary>Is the result per second?</summary>
    static abstract bool IsPerSecond { get; }
}

/// <summary><c>rate</c></summary>
internal readonly struct RateShape : IRateShape
{
    public static bool IsCounter => true;

    public static bool IsPerSecond => true;
}

/// <summary><c>increase</c></summary>
internal readonly struct IncreaseShape : IRateShape
{
    public static bool IsCounter => true;

    public static bool IsPerSecond => false;
}

/// <summary><c>delta</c></summary>
internal readonly struct DeltaShape : IRateShape
{
    public static bool IsCounter => false;

    public static bool IsPerSecond => false;
}
