namespace PromHost.Interop.Tests;

/// <summary>The same data, the same questions: PromHost answers what Prometheus answers, also after SIGKILL.</summary>
public class PrometheusComparisonTests(PrometheusPair pair) : IClassFixture<PrometheusPair>
{
    public static TheoryData<string> QueryNames => [.. ComparedQuery.All.Select(query => query.Name)];

    [Theory]
    [MemberData(nameof(QueryNames))]
    public void Query_AnswersAsPrometheus(string name)
    {
        Peers.Require();
        var answers = pair.AnswersByQuery[name];

        Answer.Parse(answers.PromHost).Differences(Answer.Parse(answers.Prometheus), IsOrdered(name))
            .Should().BeEmpty(name);
    }

    [Theory]
    [MemberData(nameof(QueryNames))]
    public void Query_AnswersAsPrometheus_AfterSigkill(string name)
    {
        Peers.Require();
        var answers = pair.AnswersByQuery[name];

        Answer.Parse(answers.AfterKill!).Differences(Answer.Parse(answers.Prometheus), IsOrdered(name))
            .Should().BeEmpty(name);
    }

    [Fact]
    public void Queries_AreManyAndMostlyNotEmpty()
    {
        Peers.Require();
        pair.AnswersByQuery.Count.Should().BeGreaterThanOrEqualTo(60);
        pair.AnswersByQuery.Values.Count(answers => !Answer.Parse(answers.Prometheus).IsEmpty)
            .Should().BeGreaterThanOrEqualTo(50);
    }

    [Fact]
    public async Task Promtool_QueriesInstant()
    {
        var output = await PromtoolAsync("instant", pair.PromHostAddress.ToString(), "sum(up)");

        output.Should().MatchRegex(@"\{\} => 2 @\[");
    }

    [Fact]
    public async Task Promtool_QueriesRange()
    {
        var output = await PromtoolAsync("range", $"--start={pair.EndSeconds - 20}", $"--end={pair.EndSeconds}",
            "--step=10s", pair.PromHostAddress.ToString(), "sum(up)");

        output.Should().MatchRegex(@"\{\} =>\n(2 @\[\d+\]\n?){3}");
    }

    [Fact]
    public async Task Promtool_QueriesSeries()
    {
        var output = await PromtoolAsync("series", "--match=up", pair.PromHostAddress.ToString());

        output.Should().Contain("job=\"node\"").And.Contain("job=\"prometheus\"");
    }

    [Fact]
    public async Task Promtool_QueriesLabels()
    {
        var output = await PromtoolAsync("labels", pair.PromHostAddress.ToString(), "job");

        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Equal("node", "prometheus");
    }

    [Fact]
    public async Task Metadata_IsWhatPrometheusSent()
    {
        Peers.Require();
        await Polling.UntilAsync("metadata have arrived", async () =>
            (await Polling.Http.GetStringAsync(new Uri(pair.PromHostAddress, "/api/v1/metadata?metric=node_load1")))
                .Contains("\"type\":\"gauge\"", StringComparison.Ordinal));
    }

    // Where PromQL defines the order of an instant vector, it is compared too.
    private static bool IsOrdered(string name) =>
        name.Contains("sort", StringComparison.Ordinal) || name.StartsWith("range: ", StringComparison.Ordinal);

    private static async Task<string> PromtoolAsync(params string[] arguments)
    {
        Peers.Require();
        await using var promtool = RunningProgram.Start(Peers.Promtool, ["query", .. arguments]);
        var exitCode = await promtool.WaitForExitAsync();
        exitCode.Should().Be(0, promtool.Output);
        return promtool.Output;
    }
}
