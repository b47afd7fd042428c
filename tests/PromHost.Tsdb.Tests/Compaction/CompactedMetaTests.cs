namespace PromHost.Tsdb.Tests;

public class CompactedMetaTests
{
    private static readonly Ulid New = new(9, 9);

    [Fact]
    public void OfSamples_IsItsOwnSource()
    {
        var meta = CompactedMeta.OfSamples(New, 10, 20, BlockCompaction.FromOutOfOrder);
        Assert.Equal((10, 20, 1), (meta.MinTimeMs, meta.MaxTimeMs, meta.Compaction.Level));
        Assert.Equal([New], meta.Compaction.Sources);
        Assert.Empty(meta.Compaction.Parents);
        Assert.True(meta.Compaction.IsPartial());
        Assert.False(CompactedMeta.OfSamples(New, 10, 20).Compaction.IsPartial());
    }

    [Fact]
    public void OfParents_SpansThem_AndNamesTheirSources()
    {
        var first = Block(1, 0, 30, level: 3, sources: [7, 2]);
        var second = Block(2, 10, 20, level: 1, sources: [2, 5]);
        var meta = CompactedMeta.OfParents(New, [first, second]);
        Assert.Equal((New, 0, 30, 4), (meta.Id, meta.MinTimeMs, meta.MaxTimeMs, meta.Compaction.Level));
        Assert.Equal([2, 5, 7], meta.Compaction.Sources.Select(source => source.Low));
        Assert.Equal([new(first.Id, 0, 30), new BlockParent(second.Id, 10, 20)], meta.Compaction.Parents);
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
        var meta = CompactedMeta.OfParents(New, [Block(1, 0, 10, hints: first), Block(2, 5, 15, hints: second)]);
        Assert.Equal(expected, string.Join(' ', meta.Compaction.Hints));
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
