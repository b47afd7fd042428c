using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>Series that are scraped at a fixed interval, and what a database must hold of them.</summary>
internal sealed class SimulatedScrapes(int seriesCount, long intervalMs)
{
    private readonly Labels[] _series =
        [.. Enumerable.Range(0, seriesCount).Select(LabelsOf)];

    private readonly Dictionary<Labels, SortedDictionary<long, double>> _expected = [];

    /// <summary>What was appended so far.</summary>
    public Dictionary<Labels, List<(long T, double V)>> Expected => _expected.ToDictionary(
        entry => entry.Key, entry => entry.Value.Select(sample => (sample.Key, sample.Value)).ToList());

    /// <summary>The labels of a series by its number.</summary>
    public static Labels LabelsOf(int series) => TestDatabase.Series($"m{series % 5}", ("i", $"{series}"));

    /// <summary>Appends all scrapes of a range of time in order.</summary>
    public async Task AppendAsync(Database database, long fromMs, long toMs)
    {
        for (var time = fromMs; time < toMs; time += intervalMs) await AppendAsync(database, time);
    }

    /// <summary>Appends one scrape, in order or not.</summary>
    public async Task AppendAsync(Database database, long timeMs)
    {
        using var appender = database.CreateAppender();
        for (var i = 0; i < _series.Length; i++)
        {
            var time = timeMs + (i * 7);
            var value = (i * 1000) + (timeMs / intervalMs % 977);
            appender.Append(appender.GetOrAddSeries(_series[i], []), [new FloatSample(time, value)]);
        }

        var report = await appender.CommitAsync(TestContext.Current.CancellationToken);
        Assert.Empty(report.Rejected);
        for (var i = 0; i < _series.Length; i++)
        {
            if (!_expected.TryGetValue(_series[i], out var samples)) _expected[_series[i]] = samples = [];
            samples[timeMs + (i * 7)] = (i * 1000) + (timeMs / intervalMs % 977);
        }
    }
}
