using System.Globalization;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>The log of a running database is made shorter.</summary>
public sealed class DatabaseTruncationTests : IDisposable
{
    private const int SegmentBytes = 2 * WalFormat.PageBytes;
    private readonly TemporaryDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task TruncateWalAsync_KeepsEverySeriesAndEverySampleFromTheTimeOn_WhileAppendsGoOn()
    {
        var model = new Dictionary<Labels, List<(long T, double V)>>();
        await using (var database = await OpenAsync())
        {
            var now = 0L;
            for (var round = 0; round < 8; round++)
            {
                for (var i = 0; i < 40; i++) await AppendAsync(database, ++now, model);
                var truncating = database.TruncateWalAsync((now - 60) * 1000, TestContext.Current.CancellationToken);
                for (var i = 0; i < 5; i++) await AppendAsync(database, ++now, model);
                await truncating;
            }

            database.WalTruncation.Begun.Should().BeGreaterThanOrEqualTo(3);
            database.WalTruncation.Failed.Should().Be(0);
            database.ReadAll().ShouldHold(model);
        }

        // Only the log: the mapped chunks would hold the older samples too.
        Directory.Delete(_root.PathOf("chunks_head"), recursive: true);
        var kept = WalSegments.LastCheckpoint(_root.Open(), "wal");
        kept.Should().BeGreaterThan(0);
        await using var reopened = await OpenAsync();
        var minTimeMs = (model.Values.Max(samples => samples[^1].T / 1000) - 60) * 1000;
        var expected = model.ToDictionary(
            s => s.Key, s => s.Value.Where(sample => sample.T >= minTimeMs).ToList());
        reopened.ReadAll(minTimeMs).Where(s => s.Value.Count > 0).ToDictionary()
            .ShouldHold(expected.Where(s => s.Value.Count > 0).ToDictionary());
        reopened.Head.Table.LivingCount.Should().Be(model.Count);
    }

    [Fact]
    public async Task TruncateWalAsync_DoesNothing_WhenTheLogIsShort()
    {
        await using var database = await OpenAsync();
        await database.AppendAsync((TestDatabase.Series("a"), 1, 1));

        (await database.TruncateWalAsync(100, TestContext.Current.CancellationToken)).Should().BeFalse();

        (await database.AppendAsync((TestDatabase.Series("a"), 2, 1))).Stored.Should().Be(1);
        _root.Open().List("wal").Should().BeEquivalentTo("00000000", "00000001");
    }

    private static async Task AppendAsync(
        Database database, long now, Dictionary<Labels, List<(long T, double V)>> model)
    {
        var samples = new List<(Labels, long, double)>();
        // Old series stay, new ones come, some of them once only.
        for (var i = Math.Max(0, now - 300); i <= now; i += 1 + (i % 7))
        {
            var labels = TestDatabase.Series(
                "m", ("i", i.ToString(CultureInfo.InvariantCulture)), ("pad", new string('x', (int)(i % 50))));
            samples.Add((labels, now * 1000, now * 0.1));
            if (!model.TryGetValue(labels, out var list)) model[labels] = list = [];
            list.Add((now * 1000, now * 0.1));
        }

        (await database.AppendAsync([.. samples])).Stored.Should().Be(samples.Count);
    }

    private Task<Database> OpenAsync() =>
        TestDatabase.OpenAsync(_root.Open(), options => options with { WalSegmentBytes = SegmentBytes });
}
