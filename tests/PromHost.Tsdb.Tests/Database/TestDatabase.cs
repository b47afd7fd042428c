using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>Short words for what tests do with a database.</summary>
internal static class TestDatabase
{
    public static async Task<Database> OpenAsync(
        IDataDirectory directory, Func<DatabaseOptions, DatabaseOptions>? with = null)
    {
        var options = new DatabaseOptions
        {
            DataPath = directory.RootPath,
            WalSync = WalSyncPolicy.Never,
            // What is written and when is the test's business.
            IsAutoCompacted = false,
        };
        var database = Database.Open(
            with is null ? options : with(options), directory, NullLogger.Instance, TimeProvider.System);
        await database.ReplayAsync();
        return database;
    }

    public static Labels Series(string name, params (string Name, string Value)[] labels) =>
        Labels.FromPairs([(Labels.MetricName, name), .. labels]);

    public static async Task<AppendReport> AppendAsync(
        this Database database, params (Labels Labels, long T, double V)[] samples)
    {
        using var appender = database.CreateAppender();
        foreach (var (labels, t, v) in samples)
            appender.Append(appender.GetOrAddSeries(labels, []), [new FloatSample(t, v)]);
        return await appender.CommitAsync(TestContext.Current.CancellationToken);
    }

    public static Dictionary<Labels, List<(long T, double V)>> ReadAll(
        this IQuerier querier,
        IReadOnlyList<LabelMatcher>? matchers = null,
        long min = long.MinValue,
        long max = long.MaxValue)
    {
        var result = new Dictionary<Labels, List<(long, double)>>();
        using var set = querier.Select(new SelectHints(min, max), matchers ?? []);
        var batch = new SeriesEntry[7];
        var columns = new SampleColumns();
        int count;
        while ((count = set.ReadNext(batch)) > 0)
        {
            foreach (var entry in batch.AsSpan(0, count))
            {
                columns.Clear();
                set.ReadSamples(entry, min, max, columns);
                var samples = new List<(long, double)>();
                for (var i = 0; i < columns.Count; i++) samples.Add((columns.TimestampsMs[i], columns.Values[i]));
                result.Add(entry.Labels, samples);
            }
        }

        return result;
    }

    public static Dictionary<Labels, List<(long T, double V)>> ReadAll(
        this Database database, long min = long.MinValue, long max = long.MaxValue, params LabelMatcher[] matchers)
    {
        using var querier = database.OpenQuerier(min, max);
        return querier.ReadAll(matchers, min, max);
    }

    /// <summary>Compares series by series; the first difference says where it is.</summary>
    public static void ShouldHold(
        this Dictionary<Labels, List<(long T, double V)>> actual, Dictionary<Labels, List<(long T, double V)>> expected)
    {
        actual.Keys.Should().BeEquivalentTo(expected.Keys);
        foreach (var (labels, samples) in expected)
        {
            var found = actual[labels];
            var same = 0;
            while (same < Math.Min(found.Count, samples.Count) && found[same].Equals(samples[same])) same++;
            if (same == samples.Count && found.Count == samples.Count) continue;
            Assert.Fail(
                $"{labels}: sample {same} of {found.Count} is {found.ElementAtOrDefault(same)}, " +
                $"expected {samples.ElementAtOrDefault(same)} of {samples.Count}");
        }
    }

    /// <summary>A histogram of one bucket that holds all observations.</summary>
    public static NativeHistogram Histogram(double value, bool isInteger = true, bool isCustom = false) => new()
    {
        IsInteger = isInteger,
        Schema = isCustom ? NativeHistogram.CustomBucketsSchema : 2,
        Count = value,
        Sum = value,
        PositiveSpans = new HistogramSpan[] { new(0, 1) },
        PositiveCounts = new[] { value },
        CustomBounds = isCustom ? new double[] { 1, 2 } : [],
    };
}
