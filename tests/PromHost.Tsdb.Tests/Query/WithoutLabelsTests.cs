using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class WithoutLabelsTests : IDisposable
{
    private readonly SimulatedDataDirectory _disk = new();
    private readonly HeadStory _story = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task Select_MakesNoLabels_WhenNobodyLooksAtThem()
    {
        await using var database = await HeadImageTests.OpenAsync(_disk);
        await _story.AppendAsync(database, 50);
        var before = database.Head.Store.LabelBytes;

        var with = Select(database, withoutLabels: false);
        database.Head.Store.LabelBytes.Should().BeGreaterThan(before);
        var without = Select(database, withoutLabels: true);

        without.Should().HaveCount(with.Count);
        without.Should().OnlyContain(labels => labels.IsEmpty);
    }

    [Fact]
    public async Task Select_UnitesSeriesByLabels_WhenNobodyElseLooksAtThem()
    {
        await using var database = await HeadImageTests.OpenAsync(_disk);
        // Enough for a block.
        await _story.AppendAsync(database, 900);
        await database.CompactAsync();
        await _story.AppendAsync(database, 10);
        database.Blocks.Current.Blocks.Should().NotBeEmpty();

        var with = Select(database, withoutLabels: false);
        var without = Select(database, withoutLabels: true);

        with.Should().OnlyHaveUniqueItems();
        without.Should().HaveCount(with.Count);
    }

    private static List<Labels> Select(Database database, bool withoutLabels)
    {
        var hints = new SelectHints(long.MinValue, long.MaxValue, WithoutLabels: withoutLabels);
        using var querier = database.OpenQuerier(long.MinValue, long.MaxValue);
        using var set = querier.Select(hints, []);
        var found = new List<Labels>();
        var batch = new SeriesEntry[64];
        for (int count; (count = set.ReadNext(batch)) > 0;)
            found.AddRange(batch.Take(count).Select(entry => entry.Labels));
        return found;
    }
}
