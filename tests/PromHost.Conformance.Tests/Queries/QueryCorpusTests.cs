using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary>
/// The upstream list of queries over made-up series: what must fail fails, all else succeeds, and the bits, warnings
/// and infos of the answer are the same however many workers there are.
/// </summary>
public class QueryCorpusTests(ITestOutputHelper output)
{
    private const long StartMs = 1_700_000_000_000;
    private const int SampleCount = 300;

    // Ten minutes in steps of ten seconds, at the end of the data.
    private const long EndMs = StartMs + (SampleCount * DemoSeries.StepMs);

    [Fact]
    public void Query_GivesTheSameBits_HoweverManyWorkers()
    {
        var storage = new ScriptStorage();
        foreach (var (labels, samples) in DemoSeries.Make(StartMs, SampleCount)) storage.Add(labels, samples);
        using var engine = new EqualAnswersEngine(maxSamples: 5_000_000);
        var empty = 0;
        var report = new ConformanceReport("promql-queries/queries.json");
        foreach (var item in CorpusFile.Open("promql-queries/queries.json").Cases)
        {
            report.Run(item.GetProperty("id").GetString()!, () =>
            {
                var query = item.GetProperty("query").GetString()!;
                var mustFail = item.GetProperty("should_fail_v3").GetBoolean();
                try
                {
                    var grid = new TimeGrid(EndMs - 600_000, EndMs, 10_000);
                    if (engine.EvaluateRange(storage, query, grid).Series.Count == 0) empty++;
                    engine.EvaluateInstant(storage, query, EndMs - 123_456);
                    return mustFail ? $"{query} must fail" : null;
                }
                catch (QueryException e)
                {
                    return mustFail ? null : $"{query}: {e.Message}";
                }
            });
        }

        report.AssertAsListed(output);
        output.WriteLine($"{empty} answers are empty");
        empty.Should().BeLessThan(80);
    }
}
