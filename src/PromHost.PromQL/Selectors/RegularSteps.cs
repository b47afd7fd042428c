// Hot path: fills the row of a series.
using System.Runtime.InteropServices;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// What an instant selector finds of a series whose samples are regular: at each step the sample a fixed number further
/// on.
/// </summary>
internal static class RegularSteps
{
    /// <summary>Fills a row with the newest value at each step.</summary>
    /// <param name="grid">The steps.</param>
    /// <param name="firstMs">Where the first step looks.</param>
    /// <param name="lookbackMs">How far each of them looks back.</param>
    /// <param name="columns">The samples, floats only.</param>
    /// <param name="row">Cleared; filled.</param>
    /// <param name="found">At how many steps there is a value.</param>
    /// <returns>False when the samples are not regular or not all in sight; the row is as before.</returns>
    public static bool TryFill(
        StepGrid grid, long firstMs, long lookbackMs, SampleColumns columns, SeriesRow row, out long found)
    {
        found = 0;
        if (!RegularTimes.TryFind(columns.TimestampsMs, grid.StepMs, out var times) || times.DistanceMs > lookbackMs)
            return false;
        var values = columns.Values;
        if (MemoryMarshal.Cast<double, long>(values).Contains(StaleMarker.Bits)) return false;

        // Steps before the first sample see none, those of the middle have one of each own, those behind the last one
        // see it until it is too old.
        var stride = grid.StepMs / times.DistanceMs;
        var newest = times.CountUntil(firstMs) - 1;
        var begin = newest >= 0 ? 0 : (int)Math.Min(grid.Count, (-newest + stride - 1) / stride);
        var middleEnd = newest >= times.Count
            ? begin
            : (int)Math.Clamp((times.Count - 1 - newest) / stride + 1, begin, grid.Count);
        var sightMs = times.LastMs + lookbackMs - firstMs; // counted from the first step
        var end = sightMs <= 0 ? begin : (int)Math.Clamp((sightMs - 1) / grid.StepMs + 1, middleEnd, grid.Count);

        if (middleEnd > begin)
            CopyStrided(values[(int)(newest + begin * stride)..], (int)stride, row.Values[begin..middleEnd]);
        row.Values[middleEnd..end].Fill(values[^1]);
        PresenceBits.SetRange(row.Presence, begin, end);
        found = end - begin;
        return true;
    }

    private static void CopyStrided(ReadOnlySpan<double> source, int stride, Span<double> target)
    {
        if (stride == 1)
        {
            source[..target.Length].CopyTo(target);
            return;
        }

        for (int i = 0, at = 0; i < target.Length; i++, at += stride) target[i] = source[at];
    }
}
