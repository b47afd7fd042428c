using PromHost.Model;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// The server was away for two hours. Two agents have kept what they scraped, and one of them catches up first, which
/// moves the head on: the other's backlog must be taken all the same.
/// </summary>
public sealed class TwoAgentsTests : IDisposable
{
    private const long StepMs = 15_000;
    private const long HourMs = 3_600_000;
    private const long StartMs = 486_000 * HourMs;

    private readonly SimulatedDataDirectory _disk = new();
    private readonly Dictionary<Labels, List<(long T, double V)>> _expected = [];

    public void Dispose() => _disk.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BothBacklogsAreComplete_WhenOneAgentCatchesUpFirst(bool isSeriesShared)
    {
        await using (var database = await OpenAsync(_disk))
        {
            // Both send as they scrape, then nothing for two hours; the second one scrapes a little later.
            for (var time = StartMs; time < StartMs + HourMs; time += StepMs)
            {
                await SendAsync(database, "fast", time);
                await SendAsync(database, isSeriesShared ? "fast" : "slow", time + (StepMs / 2));
            }

            for (var time = StartMs + HourMs; time < StartMs + (3 * HourMs); time += StepMs)
                await SendAsync(database, "fast", time);
            for (var time = StartMs + HourMs; time < StartMs + (3 * HourMs); time += StepMs)
                await SendAsync(database, isSeriesShared ? "fast" : "slow", time + (StepMs / 2));
            Check(database);
            await SendAsync(database, "fast", StartMs + (4 * HourMs));
            await database.Maintenance!.RunAsync();
            Check(database);
        }

        await using var reopened = await OpenAsync(_disk);
        Check(reopened);
    }

    private async Task SendAsync(Database database, string agent, long timeMs)
    {
        for (var i = 0; i < 3; i++)
        {
            var labels = Series("m", ("agent", agent), ("i", $"{i}"));
            var report = await database.AppendAsync((labels, timeMs, timeMs + i));
            report.Rejected.Should().BeEmpty();
            if (!_expected.TryGetValue(labels, out var samples)) _expected[labels] = samples = [];
            samples.Add((timeMs, timeMs + i));
        }
    }

    private void Check(Database database) => database.ReadAll().ShouldHold(_expected.ToDictionary(
        entry => entry.Key, entry => entry.Value.OrderBy(sample => sample.T).ToList()));
}
