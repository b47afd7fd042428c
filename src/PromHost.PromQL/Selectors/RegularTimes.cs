// Hot path: asked once per series.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PromHost.PromQL;

/// <summary>
/// The times of samples that all lie the same distance apart, as those of a steady scrape do: which of them a step sees
/// is computed and not looked up.
/// </summary>
/// <param name="FirstMs">The first time.</param>
/// <param name="DistanceMs">From each to the next, above 0.</param>
/// <param name="Count">How many there are, at least 2.</param>
internal readonly record struct RegularTimes(long FirstMs, long DistanceMs, int Count)
{
    /// <summary>The last time.</summary>
    public long LastMs => FirstMs + DistanceMs * (Count - 1);

    /// <summary>Are times regular, and is the step of a grid a multiple of their distance?</summary>
    /// <param name="timesMs">Ascending.</param>
    /// <param name="stepMs">The step of the grid.</param>
    /// <param name="times">What is known of them then.</param>
    public static bool TryFind(ReadOnlySpan<long> timesMs, long stepMs, out RegularTimes times)
    {
        times = default;
        if (timesMs.Length < 2) return false;
        var distanceMs = timesMs[1] - timesMs[0];
        // Most that are not regular end here.
        if (timesMs[^1] - timesMs[0] != distanceMs * (timesMs.Length - 1) || stepMs % distanceMs != 0) return false;
        if (!AreRegular(timesMs, distanceMs)) return false;
        times = new RegularTimes(timesMs[0], distanceMs, timesMs.Length);
        return true;
    }

    /// <summary>
    /// How many samples lie not after a time, as if there were samples before the first (then it is 0 or below) and
    /// behind the last.
    /// </summary>
    public long CountUntil(long timeMs)
    {
        var (count, restMs) = Math.DivRem(timeMs - FirstMs, DistanceMs);
        return restMs < 0 ? count : count + 1;
    }

    private static bool AreRegular(ReadOnlySpan<long> timesMs, long distanceMs)
    {
        ref var times = ref MemoryMarshal.GetReference(timesMs);
        var firstMs = timesMs[0];
        var expected = Vector256.Create(firstMs, firstMs + distanceMs, firstMs + distanceMs * 2,
            firstMs + distanceMs * 3);
        var further = Vector256.Create(distanceMs * 4);
        var differences = Vector256<long>.Zero;
        var i = 0;
        for (; i <= timesMs.Length - 4; i += 4)
        {
            differences |= expected ^ Vector256.LoadUnsafe(ref times, (nuint)i);
            expected += further;
        }

        if (differences != Vector256<long>.Zero) return false;
        for (; i < timesMs.Length; i++)
        {
            if (timesMs[i] != firstMs + distanceMs * i) return false;
        }

        return true;
    }
}
