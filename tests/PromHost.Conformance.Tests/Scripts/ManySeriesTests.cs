using System.Globalization;
using System.Text;

namespace PromHost.Conformance.Tests;

/// <summary>Scripts have a handful of series; here are enough of them for several workers.</summary>
public class ManySeriesTests
{
    private const int SeriesCount = 700;

    [Theory]
    [InlineData("sum(rate(load_total[2m]))")]
    [InlineData("avg by (zone) (load_level)")]
    [InlineData("stddev by (zone) (increase(load_total[3m]))")]
    [InlineData("quantile(0.7, load_level)")]
    [InlineData("topk by (zone) (3, load_level)")]
    [InlineData("load_total / on(n) load_level")]
    [InlineData("load_level * on(zone) group_left sum by (zone) (load_total)")]
    [InlineData("max_over_time(sum by (zone) (rate(load_total[1m1s]))[3m:30s])")]
    [InlineData("count_values by (zone) (\"level\", round(load_level))")]
    [InlineData("sum({__name__=~\"load_.*\"} or vector(1))")]
    [InlineData("load_level{zone=\"3\"} unless load_level > 5")]
    [InlineData("abs({__name__=~\"load_.*\"})")]
    [InlineData("sort_desc(label_replace(load_level, \"z\", \"q$1\", \"zone\", \"(.)\"))")]
    public void Query_GivesTheSameBits_HoweverManyWorkers(string query)
    {
        var storage = new ScriptStorage();
        storage.Load((LoadCommand)ScriptParser.Parse(WriteLoad())[0]);
        using var engine = new EqualAnswersEngine(maxSamples: 1_000_000);
        var act = () =>
        {
            engine.EvaluateInstant(storage, query, 240_000);
            engine.EvaluateRange(storage, query, new TimeGrid(0, 540_000, 90_000));
        };
        // One of the queries fails, which it has to do with every number of workers.
        if (query.StartsWith("abs", StringComparison.Ordinal)) act.Should().Throw<PromQL.QueryException>();
        else act.Should().NotThrow();
    }

    private static string WriteLoad()
    {
        var random = new Random(4711);
        var load = new StringBuilder("load 30s\n");
        for (var i = 0; i < SeriesCount; i++)
        {
            var labels = string.Create(CultureInfo.InvariantCulture, $"{{n=\"{i}\", zone=\"{i % 7}\"}}");
            load.Append("  load_total").Append(labels);
            double counter = 0;
            for (var step = 0; step < 20; step++)
            {
                counter = random.Next(12) == 0 ? 0 : counter + random.NextDouble();
                load.Append(' ').Append(counter.ToString("R", CultureInfo.InvariantCulture));
            }

            load.Append("\n  load_level").Append(labels);
            for (var step = 0; step < 20; step++)
            {
                var value = (random.NextDouble() * 20) - 5;
                load.Append(' ').Append(random.Next(9) == 0 ? "_" : value.ToString("R", CultureInfo.InvariantCulture));
            }

            load.Append('\n');
        }

        return load.ToString();
    }
}
