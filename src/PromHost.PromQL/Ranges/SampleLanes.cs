// Hot path: four windows at a time, sample by sample.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>The samples of four windows that have as many: one of each window at a time.</summary>
internal readonly ref struct SampleLanes
{
    private readonly ref double _values0, _values1, _values2, _values3;
    private readonly ref long _times0, _times1, _times2, _times3;

    /// <summary>Takes windows of the same number of samples.</summary>
    /// <param name="windows">Where they are.</param>
    /// <param name="index">The first of them.</param>
    public SampleLanes(in WindowBlock windows, int index)
    {
        var firsts = windows.Firsts.Slice(index, WindowBlock.Lanes);
        var count = Count = windows.Ends[index] - firsts[0];
        _values0 = ref MemoryMarshal.GetReference(windows.Values.Slice(firsts[0], count));
        _values1 = ref MemoryMarshal.GetReference(windows.Values.Slice(firsts[1], count));
        _values2 = ref MemoryMarshal.GetReference(windows.Values.Slice(firsts[2], count));
        _values3 = ref MemoryMarshal.GetReference(windows.Values.Slice(firsts[3], count));
        _times0 = ref MemoryMarshal.GetReference(windows.TimestampsMs.Slice(firsts[0], count));
        _times1 = ref MemoryMarshal.GetReference(windows.TimestampsMs.Slice(firsts[1], count));
        _times2 = ref MemoryMarshal.GetReference(windows.TimestampsMs.Slice(firsts[2], count));
        _times3 = ref MemoryMarshal.GetReference(windows.TimestampsMs.Slice(firsts[3], count));
    }

    /// <summary>The number of samples of each window, at least 1.</summary>
    public int Count { get; }

    /// <summary>A sample's value of each window.</summary>
    /// <param name="index">From 0, below <see cref="Count"/>: not checked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> Values(int index) => Vector256.Create(
        Unsafe.Add(ref _values0, index), Unsafe.Add(ref _values1, index),
        Unsafe.Add(ref _values2, index), Unsafe.Add(ref _values3, index));

    /// <summary>When a sample of each window was taken.</summary>
    /// <param name="index">From 0, below <see cref="Count"/>: not checked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<long> TimesMs(int index) => Vector256.Create(
        Unsafe.Add(ref _times0, index), Unsafe.Add(ref _times1, index),
        Unsafe.Add(ref _times2, index), Unsafe.Add(ref _times3, index));
}
