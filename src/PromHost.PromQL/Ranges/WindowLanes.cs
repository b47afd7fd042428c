// Hot path: four windows at a time.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>
/// Four windows of one series with as many samples each, for functions that go over all samples of each window: a
/// window per lane gives the bits of a loop over each.
/// </summary>
internal readonly ref struct WindowLanes
{
    private readonly ref double _values0, _values1, _values2, _values3;
    private readonly ref long _times0, _times1, _times2, _times3;

    /// <summary>Takes four windows.</summary>
    /// <param name="timesMs">Timestamps of all samples of the series.</param>
    /// <param name="values">Their values.</param>
    /// <param name="firsts">Index of the first sample of each window.</param>
    /// <param name="count">The number of samples of each.</param>
    /// <param name="steps">The number of each window's step.</param>
    /// <param name="evaluationTimesMs">The evaluation time of each.</param>
    public WindowLanes(ReadOnlySpan<long> timesMs, ReadOnlySpan<double> values, ReadOnlySpan<int> firsts, int count,
        ReadOnlySpan<int> steps, ReadOnlySpan<long> evaluationTimesMs)
    {
        Count = count;
        Steps = steps;
        EvaluationTimesMs = evaluationTimesMs;
        _values0 = ref MemoryMarshal.GetReference(values.Slice(firsts[0], count));
        _values1 = ref MemoryMarshal.GetReference(values.Slice(firsts[1], count));
        _values2 = ref MemoryMarshal.GetReference(values.Slice(firsts[2], count));
        _values3 = ref MemoryMarshal.GetReference(values.Slice(firsts[3], count));
        _times0 = ref MemoryMarshal.GetReference(timesMs.Slice(firsts[0], count));
        _times1 = ref MemoryMarshal.GetReference(timesMs.Slice(firsts[1], count));
        _times2 = ref MemoryMarshal.GetReference(timesMs.Slice(firsts[2], count));
        _times3 = ref MemoryMarshal.GetReference(timesMs.Slice(firsts[3], count));
    }

    /// <summary>The number of samples of each window, at least 1.</summary>
    public int Count { get; }

    /// <summary>The number of each window's step.</summary>
    public ReadOnlySpan<int> Steps { get; }

    /// <summary>The evaluation time of each window.</summary>
    public ReadOnlySpan<long> EvaluationTimesMs { get; }

    /// <summary>A sample's value of each window.</summary>
    /// <param name="index">From 0, below <see cref="Count"/>: not checked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> Values(int index) => Vector256.Create(
        Unsafe.Add(ref _values0, index), Unsafe.Add(ref _values1, index),
        Unsafe.Add(ref _values2, index), Unsafe.Add(ref _values3, index));

    /// <summary>How long after an origin a sample of each window was taken.</summary>
    /// <param name="index">From 0, below <see cref="Count"/>: not checked.</param>
    /// <param name="originsMs">Four.</param>
    /// <returns>Milliseconds.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> TimesSince(int index, ReadOnlySpan<long> originsMs) => Vector256.Create(
        Unsafe.Add(ref _times0, index) - originsMs[0], (double)(Unsafe.Add(ref _times1, index) - originsMs[1]),
        Unsafe.Add(ref _times2, index) - originsMs[2], Unsafe.Add(ref _times3, index) - originsMs[3]);

    /// <summary>When the first sample of each window was taken.</summary>
    /// <param name="timesMs">Four; filled.</param>
    public void FirstTimes(Span<long> timesMs)
    {
        timesMs[0] = _times0;
        timesMs[1] = _times1;
        timesMs[2] = _times2;
        timesMs[3] = _times3;
    }
}
