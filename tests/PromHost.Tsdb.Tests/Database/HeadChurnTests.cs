using System.Globalization;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>All series are replaced every ten minutes of simulated time, for a day.</summary>
public sealed class HeadChurnTests : IDisposable
{
    private const long MinuteMs = 60_000;
    private const long RangeMs = 120 * MinuteMs;
    private const int RoundsPerDay = 144;

    private readonly TemporaryDirectory _root = new();
    private readonly int _series = int.Parse(
        Environment.GetEnvironmentVariable("PROMHOST_CHURN_SERIES") ?? "1000", CultureInfo.InvariantCulture);

    [Fact]
    public async Task TruncateHeadAsync_KeepsMemoryFromGrowing_WhenAllSeriesAreReplacedAgainAndAgain()
    {
        await using var database = await TestDatabase.OpenAsync(
            _root.Open(), o => o with { OutOfOrderWindow = TimeSpan.Zero });
        var peaks = new List<HeadMemory>();
        var peak = default(HeadMemory);
        for (var round = 0; round < RoundsPerDay; round++)
        {
            for (var minute = 0; minute < 10; minute += 5)
                await AppendAsync(database, round, ((round * 10) + minute) * MinuteMs);
            var memory = database.Head.MemoryUse();
            if (memory.Total > peak.Total) peak = memory;
            var nowMs = (round + 1) * 10 * MinuteMs;
            if (nowMs % RangeMs != RangeMs / 2 || nowMs < RangeMs) continue;
            // What a compaction does when the head reaches an hour beyond the range.
            await database.TruncateHeadAsync(nowMs - (RangeMs / 2), TestContext.Current.CancellationToken);
            peaks.Add(peak);
            peak = default;
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"after {nowMs / MinuteMs / 60.0:F1} h: {peaks[^1].Total / 1e6:F1} MB at most, " +
                $"resident {Environment.WorkingSet / 1e6:F0} MB, {peaks[^1]}"));
        }

        // The second one is that of the fifth hour.
        peaks[^1].Total.Should().BeLessThan(peaks[1].Total * 11 / 10);
        database.Head.Table.CreatedCount.Should().Be(RoundsPerDay * _series);
        database.Head.Table.LivingCount.Should().BeLessThan(13 * _series);
        database.Head.Table.MaxSeries.Should().BeLessThan(25 * _series);
    }

    public void Dispose() => _root.Dispose();

    // As an agent in a cluster: each round other pods with the same metrics.
    private async Task AppendAsync(Database database, int round, long timeMs)
    {
        for (var from = 0; from < _series; from += 5000)
        {
            using var appender = database.CreateAppender();
            for (var i = from; i < Math.Min(_series, from + 5000); i++)
            {
                var pod = (round * ((_series / 100) + 1)) + (i / 100);
                var labels = TestDatabase.Series(
                    $"metric_{i % 100}",
                    ("pod", $"pod-{pod:x8}"),
                    ("job", "churn"),
                    ("ten", (i % 10).ToString(CultureInfo.InvariantCulture)));
                var raw = labels.Encoded.ToArray();
                if (!appender.TryGetSeries(raw, out var series)) series = appender.GetOrAddSeries(labels, raw);
                appender.Append(series, [new FloatSample(timeMs, i)]);
            }

            (await appender.CommitAsync(TestContext.Current.CancellationToken)).Rejected.Should().BeEmpty();
        }
    }
}
