using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Puts samples of one series into the order of time that were read in another one: from chunks of a block that overlap
/// or do not ascend. No writer that is known makes such a block, but Prometheus reads it.
/// </summary>
internal static class ColumnOrder
{
    /// <summary>Is every timestamp greater than the one before it?</summary>
    public static bool IsAscending(ReadOnlySpan<long> timestampsMs)
    {
        for (var i = 1; i < timestampsMs.Length; i++)
        {
            if (timestampsMs[i] <= timestampsMs[i - 1]) return false;
        }

        return true;
    }

    /// <summary>Sorts samples; of those with equal timestamps the one that was read first stays.</summary>
    /// <param name="columns">The samples.</param>
    /// <param name="first">Those before it stay where they are.</param>
    public static void Restore(SampleColumns columns, int first)
    {
        var source = new SampleColumns();
        source.Add(columns, first, columns.Count - first);
        columns.Truncate(first);
        var order = Sort(source.TimestampsMs.ToArray());
        for (var start = 0; start < order.Count;)
        {
            var end = start + 1;
            while (end < order.Count && order[end] == order[end - 1] + 1) end++;
            columns.Add(source, order[start], end - start);
            // What stands before it is not what its sender saw before it.
            if (start > 0) columns.ForgetCounterReset(columns.Count - (end - start));
            start = end;
        }
    }

    // The places of the samples that stay, in the order of time.
    private static List<int> Sort(long[] timestampsMs)
    {
        var places = new int[timestampsMs.Length];
        for (var i = 0; i < places.Length; i++) places[i] = i;
        Array.Sort(places, (left, right) =>
        {
            var order = timestampsMs[left].CompareTo(timestampsMs[right]);
            return order != 0 ? order : left.CompareTo(right);
        });
        var kept = new List<int>(places.Length);
        foreach (var place in places)
        {
            if (kept.Count == 0 || timestampsMs[place] != timestampsMs[kept[^1]]) kept.Add(place);
        }

        return kept;
    }
}
