using System.Text;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>The series that carries a family's metadata in the WAL. For the committer.</summary>
/// <param name="Series">Its number in the head; 0: there is none.</param>
/// <param name="WalRef">Its number in the WAL.</param>
internal readonly record struct FamilyCarrier(int Series, ulong WalRef)
{
    // Newest first: that one lives longest. Further down they are as old as the ones before.
    private const int MaxTries = 16;

    // What OpenMetrics and the text format add to a family's name to make a series' name.
    private static readonly string[] Suffixes =
        ["", "_total", "_bucket", "_count", "_sum", "_info", "_gcount", "_gsum", "_created"];

    /// <summary>Finds a logged series of a family.</summary>
    public static FamilyCarrier Find(Head head, string family)
    {
        if (!head.Index.TryFindName(Labels.MetricNameUtf8, out var name)) return default;
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(family.Length) + 8];
        var length = Encoding.UTF8.GetBytes(family, bytes);
        foreach (var suffix in Suffixes)
        {
            var end = length + Encoding.UTF8.GetBytes(suffix, bytes.AsSpan(length));
            if (!head.Index.TryFindPair(name, bytes.AsSpan(0, end), out var pair)) continue;
            var carrier = NewestLogged(head, pair);
            if (carrier.Series != 0) return carrier;
        }

        return default;
    }

    /// <summary>The families that a series may belong to, by its metric name.</summary>
    public static IEnumerable<string> FamiliesOf(string metricName)
    {
        foreach (var suffix in Suffixes)
        {
            if (metricName.EndsWith(suffix, StringComparison.Ordinal)) yield return metricName[..^suffix.Length];
        }
    }

    /// <summary>Is the series still in the head?</summary>
    public bool IsIn(Head head) =>
        Series > 0 && head.Store.Has(Series, WalRef);

    private static FamilyCarrier NewestLogged(Head head, int pair)
    {
        var postings = head.Index.Postings(pair);
        var tries = 0;
        for (var i = postings.Length - 1; i >= 0 && tries < MaxTries; i--)
        {
            var series = head.Index.Ordinals.SeriesOf(postings[i]);
            if (series == 0) continue;
            tries++;
            ref readonly var state = ref head.Store.State(series);
            if (state.IsLogged) return new FamilyCarrier(series, state.WalRef);
        }

        return default;
    }
}
