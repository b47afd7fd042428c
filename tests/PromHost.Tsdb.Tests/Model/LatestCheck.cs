using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>Holds what a database says of the newest sample of a series against all that it reads of it.</summary>
internal static class LatestCheck
{
    /// <summary>Checks every series, from one view.</summary>
    /// <param name="database">The database.</param>
    /// <param name="minMs">First timestamp, inclusive.</param>
    /// <param name="maxMs">Last timestamp, inclusive.</param>
    /// <returns>How many answers there were that said more than to read the samples.</returns>
    public static int Run(Database database, long minMs, long maxMs)
    {
        using var querier = database.OpenQuerier(minMs, maxMs);
        using var set = querier.Select(new SelectHints(minMs, maxMs), []);
        var entries = new SeriesEntry[5];
        var columns = new SampleColumns();
        var answers = 0;
        int count;
        while ((count = set.ReadNext(entries)) > 0)
        {
            foreach (var entry in entries.AsSpan(0, count))
            {
                columns.Clear();
                set.ReadSamples(entry, minMs, maxMs, columns);
                var answer = set.TryReadLatest(entry, minMs, maxMs, out var latest);
                if (answer == LatestSample.Unknown) continue;
                answers++;
                (answer == LatestSample.Found).Should().Be(columns.Count > 0, $"{entry.Labels} up to {maxMs}");
                if (columns.Count == 0) continue;
                (columns.Histograms.IsEmpty ? null : columns.Histograms[^1]).Should().BeNull();
                latest.TimestampMs.Should().Be(columns.TimestampsMs[^1], $"{entry.Labels} up to {maxMs}");
                BitConverter.DoubleToUInt64Bits(latest.Value).Should().Be(
                    BitConverter.DoubleToUInt64Bits(columns.Values[^1]), $"{entry.Labels} up to {maxMs}");
            }
        }

        return answers;
    }
}
