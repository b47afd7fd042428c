using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Brings columns in the order of time, each timestamp once. Of a histogram behind another sample than the one that its
/// source has before it, nothing is known of a counter reset.
/// </summary>
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
        var last = order.Length == 0 ? 0 : order[0] - 1;
        for (var i = 0; i < order.Length; i++)
        {
            if (i > 0 && timestampsMs[order[i]] == timestampsMs[order[i - 1]]) continue;
            Copy(source, order[i], target, isNext: order[i] == last + 1);
            last = order[i];
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
        SampleColumns? previous = null;
        while (left < firstMs.Length || right < secondMs.Length)
        {
            var isSecond = left == firstMs.Length || (right < secondMs.Length && secondMs[right] < firstMs[left]);
            if (!isSecond && right < secondMs.Length && secondMs[right] == firstMs[left]) right++;
            var source = isSecond ? second : first;
            Copy(source, isSecond ? right++ : left++, target, isNext: previous is null || previous == source);
            previous = source;
        }
    }

    private static void Copy(SampleColumns source, int index, SampleColumns target, bool isNext)
    {
        var startMs = source.StartTimestampsMs.IsEmpty ? 0 : source.StartTimestampsMs[index];
        var histogram = source.Histograms.IsEmpty ? null : source.Histograms[index];
        if (histogram is null) target.Add(new(source.TimestampsMs[index], source.Values[index], startMs));
        else target.Add(source.TimestampsMs[index], startMs, histogram);
        if (!isNext) target.ForgetCounterReset(target.Count - 1);
    }
}
