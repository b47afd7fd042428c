using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>Brings columns in the order of time, each timestamp once.</summary>
internal static class ColumnMerge
{
    /// <summary>Are the timestamps ascending, none twice?</summary>
    public static bool IsAscending(ReadOnlySpan<long> timestampsMs)
    {
        for (var i = 1; i < timestampsMs.Length; i++)
        {
            if (timestampsMs[i] <= timestampsMs[i - 1]) return false;
        }

        return true;
    }

    /// <summary>Appends samples by time; of equal timestamps the first one stays.</summary>
    /// <param name="source">In any order.</param>
    /// <param name="target">Where to append.</param>
    public static void AppendSorted(SampleColumns source, SampleColumns target)
    {
        var timestampsMs = source.TimestampsMs.ToArray();
        var order = new int[timestampsMs.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (a, b) =>
        {
            var byTime = timestampsMs[a].CompareTo(timestampsMs[b]);
            return byTime != 0 ? byTime : a.CompareTo(b);
        });
        for (var i = 0; i < order.Length; i++)
        {
            if (i == 0 || timestampsMs[order[i]] != timestampsMs[order[i - 1]]) Copy(source, order[i], target);
        }
    }

    /// <summary>Appends the samples of two columns by time; of equal timestamps the first column's stays.</summary>
    /// <param name="first">Ascending.</param>
    /// <param name="second">Ascending.</param>
    /// <param name="target">Where to append.</param>
    public static void Append(SampleColumns first, SampleColumns second, SampleColumns target)
    {
        var left = 0;
        var right = 0;
        var firstMs = first.TimestampsMs;
        var secondMs = second.TimestampsMs;
        while (left < firstMs.Length && right < secondMs.Length)
        {
            if (secondMs[right] < firstMs[left])
            {
                Copy(second, right++, target);
                continue;
            }

            if (secondMs[right] == firstMs[left]) right++;
            Copy(first, left++, target);
        }

        while (left < firstMs.Length) Copy(first, left++, target);
        while (right < secondMs.Length) Copy(second, right++, target);
    }

    private static void Copy(SampleColumns source, int index, SampleColumns target)
    {
        var startMs = source.StartTimestampsMs.IsEmpty ? 0 : source.StartTimestampsMs[index];
        var histogram = source.Histograms.IsEmpty ? null : source.Histograms[index];
        if (histogram is null) target.Add(new(source.TimestampsMs[index], source.Values[index], startMs));
        else target.Add(source.TimestampsMs[index], startMs, histogram);
    }
}
