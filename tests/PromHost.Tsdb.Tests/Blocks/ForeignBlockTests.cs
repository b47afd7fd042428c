using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>Blocks in which chunks of a series overlap, do not ascend, or lie outside of what the index says.</summary>
public sealed class ForeignBlockTests : IDisposable
{
    private const long EndMs = 7_200_000;

    private static readonly Labels Overlapping = TestDatabase.Series("m", ("kind", "a overlapping"));
    private static readonly Labels Backwards = TestDatabase.Series("m", ("kind", "b backwards"));
    private static readonly Labels Twice = TestDatabase.Series("m", ("kind", "c twice"));
    private static readonly Labels Outside = TestDatabase.Series("m", ("kind", "d outside"));

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Select_GivesEverySampleOnce_InTheOrderOfTime()
    {
        var expected = Write();
        await using var database = await TestDatabase.OpenAsync(_folder.Open());

        database.ReadAll().ShouldHold(expected);
        for (var from = -50_000L; from < EndMs + 200_000; from += 333_333)
        {
            var range = new TimeInterval(from, from + 700_000);
            // A block is looked into where its own time is asked for.
            if (range.MaxTimeMs < 0 || range.MinTimeMs >= EndMs) continue;
            database.ReadAll(range.MinTimeMs, range.MaxTimeMs).Where(one => one.Value.Count > 0).ToDictionary()
                .ShouldHold(Cut(expected, range));
        }

        database.Damages.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task DeleteSeries_HidesWhatIsInTheRange_AndCleaningLeavesASoundBlock()
    {
        var expected = Write();
        await using (var database = await TestDatabase.OpenAsync(_folder.Open()))
        {
            var range = new TimeInterval(1_000_000, 2_000_000);
            await database.DeleteSeriesAsync(
                range.MinTimeMs, range.MaxTimeMs, [new LabelMatcher(Model.MatchType.Equal, "__name__", "m")],
                TestContext.Current.CancellationToken);
            foreach (var samples in expected.Values) samples.RemoveAll(sample => range.Contains(sample.T));
            database.ReadAll().ShouldHold(expected);

            await database.CleanTombstonesAsync(TestContext.Current.CancellationToken);
            // As Prometheus: what is outside of the block is not written again.
            expected[Outside].RemoveAll(sample => sample.T >= EndMs);
            database.ReadAll().ShouldHold(expected);
        }

        AssertSound();
    }

    [Fact]
    public async Task Compaction_MakesASoundBlockOfTheSameSamples()
    {
        var expected = Write();
        // Overlapping blocks are merged at once.
        var other = ListChunkSource.Chunk([.. Samples(500_000, 30_000, 20, 7)]);
        ForeignBlock.Write(_folder.Open(), new TimeInterval(0, EndMs), (Overlapping, [other]));
        expected[Overlapping] = Union(expected[Overlapping], Samples(500_000, 30_000, 20, 7));
        await using (var database = await TestDatabase.OpenAsync(_folder.Open()))
        {
            database.ReadAll().ShouldHold(expected);
            await database.Maintenance!.RunAsync();
            // As Prometheus: cut to the range of the blocks.
            expected[Outside].RemoveAll(sample => sample.T >= EndMs);
            database.ReadAll().ShouldHold(expected);
            database.Damages.Entries.Should().BeEmpty();
        }

        AssertSound();
        _folder.Open().List("").Count(name => Ulid.TryParse(name, out _)).Should().Be(1);
    }

    [Fact]
    public void Repair_KeepsAllSamples_WhenSomethingElseIsDamaged()
    {
        var expected = Write();
        var block = _folder.Open().List("").Single();
        var path = _folder.PathOf($"{block}/chunks/000001");
        var bytes = File.ReadAllBytes(path);
        // In the last chunk of the last series.
        bytes[^6] ^= 1;
        File.WriteAllBytes(path, bytes);
        expected[Outside].RemoveAll(sample => sample.T >= EndMs - 100_000);

        DataRepair.Run(_folder.Path, false, null, null, TestContext.Current.CancellationToken);

        AssertSound();
        using var repaired = Block.Open(_folder.Open(), _folder.Open().List("").Single(n => Ulid.TryParse(n, out _)));
        using var querier = new BlockQuerier(repaired);
        querier.ReadAll().ShouldHold(expected);
    }

    private void AssertSound()
    {
        var report = DataVerification.Run(_folder.Path, null, TestContext.Current.CancellationToken);
        report.Problems.Should().BeEmpty();
        report.Notes.Should().BeEmpty();
    }

    private Dictionary<Labels, List<(long T, double V)>> Write()
    {
        var even = Samples(0, 30_000, 100, 1);
        var odd = Samples(1_515_000, 30_000, 100, 2);
        var late = Samples(4_000_000, 30_000, 50, 3);
        var early = Samples(1_000, 30_000, 50, 4);
        var outside = Samples(EndMs - 100_000, 30_000, 8, 5);
        ForeignBlock.Write(
            _folder.Open(),
            new TimeInterval(0, EndMs),
            (Overlapping, [Chunk(even), Chunk(odd)]),
            (Backwards, [Chunk(late), Chunk(early)]),
            (Twice, [Chunk(even), Chunk(even), Chunk(late)]),
            (Outside, [Chunk(early), Chunk(outside)]));
        return new()
        {
            [Overlapping] = Union(even, odd),
            [Backwards] = Union(late, early),
            [Twice] = Union(even, late),
            [Outside] = Union(early, outside),
        };
    }

    private static EncodedChunk Chunk(List<(long T, double V)> samples) => ListChunkSource.Chunk([.. samples]);

    private static List<(long T, double V)> Samples(long fromMs, long stepMs, int count, int value) =>
        [.. Enumerable.Range(0, count).Select(i => (fromMs + (i * stepMs), value + (i / 1000.0)))];

    private static List<(long T, double V)> Union(List<(long T, double V)> one, List<(long T, double V)> other) =>
        [.. one.Concat(other).DistinctBy(sample => sample.T).OrderBy(sample => sample.T)];

    private static Dictionary<Labels, List<(long T, double V)>> Cut(
        Dictionary<Labels, List<(long T, double V)>> all, TimeInterval range) => all
        .Select(one => (one.Key, Samples: one.Value.Where(sample => range.Contains(sample.T)).ToList()))
        .Where(one => one.Samples.Count > 0)
        .ToDictionary(one => one.Key, one => one.Samples);
}
