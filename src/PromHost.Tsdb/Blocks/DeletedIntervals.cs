// Hot path: queries over deleted data pass here.
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>What tombstones mean for chunks and samples. Intervals ascend and neither overlap nor touch.</summary>
internal static class DeletedIntervals
{
    /// <summary>Is everything between two timestamps, both inclusive, deleted?</summary>
    public static bool Cover(ReadOnlySpan<TimeInterval> deleted, long minTimeMs, long maxTimeMs)
    {
        foreach (ref readonly var interval in deleted)
        {
            if (interval.Contains(minTimeMs)) return interval.Contains(maxTimeMs);
        }

        return false;
    }

    /// <summary>Is anything between two timestamps, both inclusive, deleted?</summary>
    public static bool Touch(ReadOnlySpan<TimeInterval> deleted, long minTimeMs, long maxTimeMs)
    {
        foreach (ref readonly var interval in deleted)
        {
            if (interval.Overlaps(new TimeInterval(minTimeMs, maxTimeMs))) return true;
        }

        return false;
    }

    /// <summary>Takes deleted samples out of columns.</summary>
    /// <param name="deleted">What is deleted.</param>
    /// <param name="columns">The samples; those from <paramref name="first"/> on ascend.</param>
    /// <param name="first">Samples before it stay.</param>
    public static void Remove(ReadOnlySpan<TimeInterval> deleted, SampleColumns columns, int first)
    {
        // From the end on, so that what moves was looked at before.
        for (var i = deleted.Length - 1; i >= 0 && columns.Count > first; i--)
        {
            var timestampsMs = columns.TimestampsMs[first..];
            if (deleted[i].MinTimeMs > timestampsMs[^1] || deleted[i].MaxTimeMs < timestampsMs[0]) continue;
            var from = LowerBound(timestampsMs, deleted[i].MinTimeMs);
            var to = deleted[i].MaxTimeMs == long.MaxValue
                ? timestampsMs.Length
                : LowerBound(timestampsMs, deleted[i].MaxTimeMs + 1);
            columns.Remove(first + from, to - from);
        }
    }

    private static int LowerBound(ReadOnlySpan<long> timestampsMs, long value)
    {
        var index = timestampsMs.BinarySearch(value);
        return index < 0 ? ~index : index;
    }
}
