using System.Globalization;
using Spectre.Console;

namespace PromHost.LoadTest;

/// <summary>Puts queries to servers that hold the same data, one query after the other to all of them.</summary>
internal sealed class QueryRun(DataSet dataSet, ScrapeFile scrapes, int connections, int repetitions)
{
    // Native histograms: as many series as the classic one has, about.
    private const int Handlers = 5;

    /// <summary>Starts the targets and pushes the data set to each.</summary>
    public async Task FillAsync(IReadOnlyList<Target> targets)
    {
        using var http = new HttpClient();
        var paths = Enumerable.Range(0, connections).Select(_ => Path.GetTempFileName()).ToList();
        try
        {
            new DataSetGenerator(scrapes, dataSet, Handlers).Write(paths, _ => { });
            foreach (var target in targets)
            {
                await target.StartAsync(http);
                var pushed = await new PushClient(target, paths).PushAsync(0, long.MaxValue, CancellationToken.None);
                if (pushed.Refused > 0)
                    throw new InvalidOperationException($"{target.Name} refused {pushed.Refused} requests");
                await ProcessFigures.SettleAsync(target.ProcessId);
            }
        }
        finally
        {
            foreach (var path in paths) File.Delete(path);
        }
    }

    /// <summary>
    /// Asks and prints: median milliseconds per target, and the first one's ratio to the fastest other.
    /// </summary>
    public async Task AskAsync(IReadOnlyList<Target> targets, IEnumerable<LoadQuery> queries)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        var span = dataSet.SpanUntil(dataSet.EndSeconds - dataSet.IntervalSeconds);
        var table = new Table().AddColumn("query").AddColumn("series");
        foreach (var target in targets) table.AddColumn(new TableColumn(target.Name + ", ms").RightAligned());
        table.AddColumn(new TableColumn("ratio").RightAligned());
        var ratios = new List<double>();
        foreach (var query in queries)
        {
            var (medians, series) = await AskAsync(http, targets, query, span);
            var best = medians.Skip(1).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min();
            var ratio = medians[0] / best;
            if (!double.IsNaN(ratio)) ratios.Add(ratio);
            table.AddRow([Markup.Escape(query.Name), series, .. medians.Select(value => Number(value)), Number(ratio)]);
        }

        AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(table);
        var mean = Math.Exp(ratios.Select(ratio => Math.Log(ratio)).DefaultIfEmpty(double.NaN).Average());
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{ratios.Count} queries, geometric mean of the ratios {mean:F3}, slower {ratios.Count(r => r > 1)}"));
    }

    // What a server collects and clears away after a query must not fall on the next one: a pause and an answer that
    // does not count come between.
    private async Task<(double[] Medians, string Series)> AskAsync(
        HttpClient http, IReadOnlyList<Target> targets, LoadQuery query, (long Start, long End) span)
    {
        var medians = new double[targets.Count];
        var series = new string[targets.Count];
        for (var i = 0; i < targets.Count; i++)
        {
            await Task.Delay(100);
            var client = new QueryClient(http, targets[i]);
            using var answer = new MemoryStream();
            var first = client.Ask(query, span, answer);
            answer.Position = 0;
            var count = double.IsNaN(first) ? -1 : QueryClient.SeriesOf(answer);
            series[i] = count < 0 ? "-" : count.ToString(CultureInfo.InvariantCulture);
            var times = new List<double>();
            for (var round = 0; round < repetitions; round++) times.Add(client.Ask(query, span));
            // Not every peer knows native histograms: another answer is no other way to the same one.
            var isOther = query.IsNative && series[i] != series[0];
            medians[i] = isOther ? double.NaN : times.Order().ElementAt(times.Count / 2);
        }

        return (medians, string.Join(' ', series.Distinct(StringComparer.Ordinal)));
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "-" : value.ToString(value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);
}
