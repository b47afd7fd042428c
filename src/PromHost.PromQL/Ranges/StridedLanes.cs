// Hot path: reads the ends of every window of regular samples.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>The first and the last value of four windows at a time, where all windows of a block are alike.</summary>
internal readonly ref struct StridedLanes
{
    private readonly ref double _first;
    private readonly ref double _last;
    private readonly nint _stride;

    /// <summary>Takes windows.</summary>
    /// <param name="windows">Windows that are <see cref="WindowBlock.AreAlike"/> and not empty.</param>
    public StridedLanes(in WindowBlock windows)
    {
        // The last window ends where the samples do or before: no window reaches further.
        var values = windows.Values[windows.Firsts[0]..windows.Ends[^1]];
        _first = ref MemoryMarshal.GetReference(values);
        _last = ref Unsafe.Add(ref _first, windows.Ends[0] - 1 - windows.Firsts[0]);
        _stride = windows.Ends.Length > 1 ? windows.Ends[1] - windows.Ends[0] : 0;
    }

    /// <summary>The first values of four windows.</summary>
    /// <param name="index">The first of the four: not checked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> Firsts(int index) => Take(ref _first, index);

    /// <summary>The last values of four windows.</summary>
    /// <param name="index">The first of the four: not checked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<double> Lasts(int index) => Take(ref _last, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<double> Take(ref double values, int index)
    {
        ref var at = ref Unsafe.Add(ref values, index * _stride);
        return _stride == 1
            ? Vector256.LoadUnsafe(ref at)
            : Vector256.Create(
                at, Unsafe.Add(ref at, _stride), Unsafe.Add(ref at, _stride * 2), Unsafe.Add(ref at, _stride * 3));
    }
}
