namespace PromHost.Tsdb.Tests;

public class CompactedMetaTests
{
    [Fact]
    public void OfParents_SpansThem_AndNamesTheirSources()
    {
        var first = Block(1, 0, 30, level: 3, sources: [7, 2]);
        var second = Block(2, 10, 20, level: 1, sources: [2, 5]);
        var meta = CompactedMeta.OfParents([first, second]);
        Assert.Equal((0, 30, 4), (meta.MinTimeMs, meta.MaxTimeMs, meta.Level));
        Assert.Equal([7, 2, 2, 5], meta.Sources.Select(source => source.Low));
        Assert.Equal([new(first.Id, 0, 30), new BlockParent(second.Id, 10, 20)], meta.Parents);
    }

    [Theory]
    [InlineData("", "", "")]
    [InlineData("from-out-of-order", "", "")]
    [InlineData("from-out-of-order", "from-out-of-order", "from-out-of-order")]
    [InlineData("from-out-of-order", "from-stale-series", "from-out-of-order from-stale-series")]
    [InlineData("from-selected-series", "from-selected-series", "from-selected-series")]
    [InlineData("other", "other", "")]
    public void OfParents_KeepsTheHints_WhenAllAreOfAPart(string first, string second, string expected)
    {
        var meta = CompactedMeta.OfParents([Block(1, 0, 10, hints: first), Block(2, 5, 15, hints: second)]);
        Assert.Equal(expected, string.Join(' ', meta.Hints));
    }

    private static BlockMeta Block(
        ulong id, long minMs, long maxMs, int level = 1, ulong[]? sources = null, string hints = "") => new()
        {
            Id = new Ulid(0, id),
            MinTimeMs = minMs,
            MaxTimeMs = maxMs,
            Compaction = new BlockCompaction
            {
                Level = level,
                Sources = [.. (sources ?? [id]).Select(source => new Ulid(0, source))],
                Hints = hints.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            },
        };
}
