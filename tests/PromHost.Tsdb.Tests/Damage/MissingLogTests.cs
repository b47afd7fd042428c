using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>Files of the log that are gone, and that the head image names.</summary>
public sealed class MissingLogTests : IDisposable
{
    private const long StartMs = 450_000L * 3_600_000;
    private const long StepMs = 30_000;

    private readonly SimulatedDataDirectory _disk = new();

    public void Dispose() => _disk.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public async Task Start_TellsOfTheLastSegments_WhenTheyAreMissing(int count)
    {
        await FillAsync(rounds: 250);
        var segments = WalSegments.List(_disk, "wal");
        segments.Count.Should().BeGreaterThan(3);
        foreach (var segment in segments.TakeLast(count)) _disk.Delete(segment.Path);
        var first = WalSegments.PathOf("wal", Math.Max(0, segments.Count - Math.Min(count, segments.Count)));

        await ShouldBeToldAsync(first);
    }

    [Fact]
    public async Task Start_TellsOfTheCheckpoint_WhenItIsMissing()
    {
        await FillAsync(rounds: 800, compactAt: 700);
        var checkpoint = WalSegments.CheckpointPathOf("wal", WalSegments.LastCheckpoint(_disk, "wal"));
        _disk.FileExists($"{checkpoint}/00000000").Should().BeTrue();
        _disk.Delete(checkpoint);

        await ShouldBeToldAsync(checkpoint);
    }

    [Fact]
    public async Task Start_TellsNothing_WhenTheLogWentOnWithoutTheImage()
    {
        await FillAsync(rounds: 250);
        await using (var without = await OpenAsync(hasImage: false)) await AppendAsync(without, 250, 900, 800);
        WalSegments.LastCheckpoint(_disk, "wal").Should().BePositive();

        await using var database = await OpenAsync();
        database.ImageReplay.IsIgnored.Should().BeTrue();
        database.Damages.Entries.Should().BeEmpty();
    }

    private async Task ShouldBeToldAsync(string path)
    {
        await using (var database = await OpenAsync())
        {
            database.Damages.Entries.Should().ContainSingle(
                damage => damage.Path == path && damage.Reason.Contains("the head image names"));
            database.Damages.CountOf(DamageKind.Of(path)).Should().BePositive();
            await AppendAsync(database, 2000, 2010);
        }

        await using var again = await OpenAsync();
        again.Damages.Entries.Should().BeEmpty();
        again.ReadAll().Values.Should().AllSatisfy(
            samples => samples[^1].T.Should().Be(StartMs + (2009 * StepMs)));
    }

    private async Task FillAsync(int rounds, int compactAt = -1)
    {
        await using var database = await OpenAsync();
        await AppendAsync(database, 0, rounds, compactAt);
        database.Image!.WriteNow();
    }

    private static async Task AppendAsync(Database database, int from, int to, int compactAt = -1)
    {
        for (var round = from; round < to; round++)
        {
            if (round == compactAt) await database.Maintenance!.RunAsync();
            var time = StartMs + (round * StepMs);
            await database.AppendAsync(
                [.. Enumerable.Range(0, 40).Select(i => (Series(i), time, Math.Sin(round * i)))]);
        }
    }

    private static Labels Series(int i) => TestDatabase.Series("m", ("i", $"{i}"));

    private Task<Database> OpenAsync(bool hasImage = true) => TestDatabase.OpenAsync(
        _disk,
        options => options with { WalSegmentBytes = WalFormat.PageBytes, IsHeadImageWritten = hasImage });
}
