namespace PromHost.PromQL.Tests;

public sealed class ResultCollectorTests
{
    // Longer than the lookback, so that a point stays where it is.
    private const long StepMs = 600_000;
    private const int Steps = 130;

    [Theory]
    [InlineData(0, 130, -1)]
    [InlineData(1, 130, -1)]
    [InlineData(0, 129, -1)]
    [InlineData(63, 64, -1)]
    [InlineData(64, 65, -1)]
    [InlineData(64, 128, -1)]
    [InlineData(129, 130, -1)]
    [InlineData(5, 70, -1)]
    [InlineData(0, 130, 1)]
    [InlineData(62, 66, 64)]
    [InlineData(0, 130, 128)]
    public async Task CollectRows_KeepsTimesAndValues_WhenPointsAreMissing(int first, int end, int missing)
    {
        var present = Enumerable.Range(first, end - first).Where(step => step != missing).ToArray();
        var samples = Enumerable.Range(0, Steps).Select(step => present.Contains(step) ? $"{step}.5" : "_");
        var runner = new QueryRunner(
            new InMemoryQuerySource().Load(StepMs, "m " + string.Join(' ', samples), "m{a=\"b\"} 1 2 3"));

        var answer = await runner.Range("m", 0, (Steps - 1) * StepMs, StepMs);

        answer.Should().Contain(
            "{__name__=\"m\"} " + string.Join(' ', present.Select(step => $"{step}.5@{step * StepMs}")))
            .And.Contain("{__name__=\"m\", a=\"b\"} 1@0 2@600000 3@1200000");
    }
}
