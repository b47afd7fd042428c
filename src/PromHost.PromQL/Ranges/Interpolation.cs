// Hot path.
namespace PromHost.PromQL;

/// <summary>Values between and beside samples, for <c>anchored</c> and <c>smoothed</c> selectors.</summary>
internal static class Interpolation
{
    /// <summary>The value on the line between two neighbouring samples.</summary>
    /// <param name="times">The samples' timestamps.</param>
    /// <param name="values">The samples' values.</param>
    /// <param name="before">Index of the earlier one.</param>
    /// <param name="timeMs">Between the two.</param>
    /// <param name="isCounter">Does a fall mean that the counter began anew at zero?</param>
    public static double Between(
        ReadOnlySpan<long> times, ReadOnlySpan<double> values, int before, long timeMs, bool isCounter)
    {
        var from = values[before];
        var to = values[before + 1];
        if (isCounter && to < from) from = 0;
        return from + (to - from) * (timeMs - times[before]) / (times[before + 1] - times[before]);
    }

    /// <summary>Index of the first timestamp after a time, or the length.</summary>
    public static int FirstAfter(ReadOnlySpan<long> times, long timeMs)
    {
        var index = times.BinarySearch(timeMs);
        return index < 0 ? ~index : index + 1;
    }

    /// <summary>Finds the samples that decide about the ends of a range.</summary>
    /// <param name="times">The samples' timestamps; not empty.</param>
    /// <param name="startMs">Old end of the range.</param>
    /// <param name="endMs">New end of the range.</param>
    /// <param name="smoothed">May samples after the range take part?</param>
    /// <param name="first">The last sample up to the start, or the very first.</param>
    /// <param name="last">The first sample from the end on, or the very last.</param>
    /// <returns>Is there anything to measure?</returns>
    public static bool TryFindEnds(
        ReadOnlySpan<long> times, long startMs, long endMs, bool smoothed, out int first, out int last)
    {
        last = times.Length - 1;
        first = Math.Max(0, Math.Min(last, FirstAfter(times, startMs)) - 1);
        if (smoothed) last = Math.Min(last, FirstAfter(times, endMs - 1));
        return times[last] > startMs && !(smoothed && times[first] > endMs);
    }

    /// <summary>The value at the start of the range.</summary>
    public static double Left(ReadOnlySpan<long> times, ReadOnlySpan<double> values, int first, long startMs,
        bool smoothed, bool isCounter) => smoothed && times[first] < startMs
        ? Between(times, values, first, startMs, isCounter)
        : values[first];

    /// <summary>The value at the end of the range.</summary>
    public static double Right(ReadOnlySpan<long> times, ReadOnlySpan<double> values, int last, long endMs,
        bool smoothed, bool isCounter) => smoothed && last > 0 && times[last] > endMs
        ? Between(times, values, last - 1, endMs, isCounter)
        : values[last];

    /// <summary>The samples of a range with a value at each of its ends.</summary>
    /// <param name="times">Timestamps of the samples in and around the range; not empty.</param>
    /// <param name="values">Values of the samples.</param>
    /// <param name="startMs">Old end of the range.</param>
    /// <param name="endMs">New end of the range.</param>
    /// <param name="smoothed">Are the values at the ends on the line between samples?</param>
    public static (long[] TimestampsMs, double[] Values) Extend(
        ReadOnlySpan<long> times, ReadOnlySpan<double> values, long startMs, long endMs, bool smoothed)
    {
        if (!TryFindEnds(times, startMs, endMs, smoothed, out var first, out var last)) return ([], []);
        var left = Left(times, values, first, startMs, smoothed, isCounter: false);
        var right = Right(times, values, last, endMs, smoothed, isCounter: false);
        if (times[first] <= startMs) first++;
        if (times[last] >= endMs) last--;
        var count = Math.Max(last - first + 1, 0);
        return ([startMs, .. times.Slice(first, count), endMs], [left, .. values.Slice(first, count), right]);
    }
}
