// Hot path: places the windows of every range function over regular samples.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>The windows of a grid over regular samples: each lies a fixed number of samples further on.</summary>
/// <param name="times">When the samples are; the grid's step is a multiple of their distance.</param>
/// <param name="stride">So many samples further is the window of the next step.</param>
internal readonly struct RegularWindows(RegularTimes times, long stride)
{
    /// <summary>Places windows.</summary>
    /// <param name="startMs">Open end of the first.</param>
    /// <param name="endMs">Closed end of the first.</param>
    /// <param name="firsts">Index of the first sample of each; its length is a multiple of eight.</param>
    /// <param name="ends">Index after the last sample of each; as long.</param>
    /// <param name="count">How many windows there are; what is behind them means nothing.</param>
    /// <returns>
    /// Are all of them within the samples? Then they have the same number of them, at the same distances from both of
    /// their ends.
    /// </returns>
    public bool Place(long startMs, long endMs, Span<int> firsts, Span<int> ends, int count)
    {
        var first = times.CountUntil(startMs);
        var end = times.CountUntil(endMs);
        if (first >= 0 && end + (count - 1) * stride <= times.Count)
        {
            Fill(firsts, (int)first);
            Fill(ends, (int)end);
            return true;
        }

        for (var i = 0; i < count; i++, first += stride, end += stride)
        {
            firsts[i] = (int)Math.Clamp(first, 0, times.Count);
            ends[i] = (int)Math.Clamp(end, 0, times.Count);
        }

        return false;
    }

    private void Fill(Span<int> indexes, int first)
    {
        var step = (int)stride;
        ref var target = ref MemoryMarshal.GetReference(indexes);
        var eight = Vector256.Create(first) + Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7) * Vector256.Create(step);
        for (var i = 0; i <= indexes.Length - 8; i += 8)
        {
            eight.StoreUnsafe(ref target, (nuint)i);
            eight += Vector256.Create(step * 8);
        }
    }
}
