using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PromHost.Chunks;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public class MergedChunkSourceTests
{
    private static readonly Labels A = Labels.FromPairs(("__name__", "a"));
    private static readonly Labels B = Labels.FromPairs(("__name__", "a"), ("x", "1"));
    private static readonly Labels C = Labels.FromPairs(("__name__", "c"));

    [Fact]
    public void TryReadNext_GivesEachSeriesOnce_InOrder()
    {
        var early = ListChunkSource.Chunk((1, 1), (2, 2));
        var late = ListChunkSource.Chunk((3, 3), (4, 4));
        var first = new ListChunkSource((A, [early]), (C, [early]));
        var second = new ListChunkSource((A, [late]), (B, [late]));
        List<(Labels Labels, EncodedChunk[] Chunks)> all;
        using (var merged = new MergedChunkSource([second, first])) all = ListChunkSource.ReadAll(merged);
        Assert.Equal([A, B, C], all.Select(entry => entry.Labels));
        AssertEqual([early, late], all[0].Chunks);
        AssertEqual([late], all[1].Chunks);
        AssertEqual([early], all[2].Chunks);
        Assert.True(first.IsDisposed && second.IsDisposed);
    }

    [Fact]
    public void TryReadNext_PassesChunksOnUnchanged_WhenTheyDoNotOverlap()
    {
        // Interleaved, and short: nothing is joined.
        EncodedChunk[] odd = [ListChunkSource.Chunk((1, 1)), ListChunkSource.Chunk((5, 1), (6, 7))];
        EncodedChunk[] even = [ListChunkSource.Chunk((2, 9), (4, 1)), ListChunkSource.Chunk((7, 1))];
        using var merged = new MergedChunkSource([new ListChunkSource((A, odd)), new ListChunkSource((A, even))]);
        AssertEqual([odd[0], even[0], odd[1], even[1]], ListChunkSource.ReadAll(merged)[0].Chunks);
        Assert.Equal(0, merged.RewrittenSamples);
    }

    [Fact]
    public void TryReadNext_KeepsOneOfEqualChunks()
    {
        var chunk = ListChunkSource.Chunk((1, 1), (2, 2));
        using var merged = new MergedChunkSource(
            [new ListChunkSource((A, [chunk])), new ListChunkSource((A, [chunk])), new ListChunkSource((A, [chunk]))]);
        AssertEqual([chunk], ListChunkSource.ReadAll(merged)[0].Chunks);
        Assert.Equal(0, merged.RewrittenSamples);
    }

    [Fact]
    public void TryReadNext_MergesOverlappingChunks_IntoOnesOf120Samples()
    {
        (long, double)[] odd = [.. Enumerable.Range(0, 100).Select(i => ((2L * i) + 1, (double)i))];
        (long, double)[] even = [.. Enumerable.Range(0, 100).Select(i => (2L * i, -(double)i))];
        var after = ListChunkSource.Chunk((200, 1));
        using var merged = new MergedChunkSource(
        [
            new ListChunkSource((A, [ListChunkSource.Chunk(odd), after])),
            new ListChunkSource((A, [ListChunkSource.Chunk(even)])),
        ]);
        var chunks = ListChunkSource.ReadAll(merged)[0].Chunks;
        Assert.Equal([(0L, 119L), (120L, 199L), (200L, 200L)], chunks.Select(c => (c.MinTimeMs, c.MaxTimeMs)));
        Assert.Equal([.. odd.Concat(even).Order(), (200L, 1d)], ListChunkSource.Samples(chunks));
        AssertEqual([after], [chunks[2]]);
        Assert.Equal(200, merged.RewrittenSamples);
    }

    [Fact]
    public void TryReadNext_KeepsEachTimestampOnce_WhenValuesDiffer()
    {
        // As Prometheus: where both have a sample, not the one of the chunk that the sample before came from.
        var first = ListChunkSource.Chunk((1, 1), (2, 1), (3, 1), (4, 1));
        var second = ListChunkSource.Chunk((2, 2), (3, 2), (4, 2), (5, 2));
        using var merged = new MergedChunkSource(
            [new ListChunkSource((A, [first])), new ListChunkSource((A, [second]))]);
        Assert.Equal(
            [(1, 1), (2, 2), (3, 2), (4, 2), (5, 2)],
            ListChunkSource.Samples(ListChunkSource.ReadAll(merged)[0].Chunks));
    }

    [Fact]
    public void TryReadNext_NamesTheSeries_WhenAnOverlappingChunkIsDamaged()
    {
        var good = ListChunkSource.Chunk((1, 1), (3, 1));
        var bad = ListChunkSource.Chunk((2, 1), (4, 1)) with { Data = new byte[] { 0, 9, 1 } };
        using var merged = new MergedChunkSource(
            [new ListChunkSource((B, [good])), new ListChunkSource((B, [bad]))]);
        var error = Assert.Throws<StorageReadException>(() => merged.TryReadNext(out _, []));
        Assert.Contains("x=\"1\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryReadNext_FindsTheTimesOfAChunk_WhereItsIndexSaysOthers()
    {
        var good = ListChunkSource.Chunk((1, 1), (3, 1));
        var bad = ListChunkSource.Chunk((0, 1), (4, 1)) with { MinTimeMs = 2 };
        using var merged = new MergedChunkSource(
            [new ListChunkSource((B, [good])), new ListChunkSource((B, [bad]))]);
        var (labels, chunks) = Assert.Single(ListChunkSource.ReadAll(merged));
        Assert.Equal(B, labels);
        Assert.Equal([(0, 1), (1, 1), (3, 1), (4, 1)], ListChunkSource.Samples(chunks));
        Assert.Equal((0, 4), (chunks[0].MinTimeMs, chunks[^1].MaxTimeMs));
    }

    [Fact]
    public void TryReadNext_GivesTheUnionOfAllSamples_WhateverOverlaps()
    {
        var sample = Gen.Choose(0, 60).Select(time => ((long)time, time * 0.5));
        var source = Gen.Choose(0, 12).SelectMany(sample.ListOf).ListOf(4);
        Prop.ForAll(Arb.From(source), sources =>
        {
            var expected = sources.SelectMany(samples => samples).Distinct().Order().ToList();
            using var merged = new MergedChunkSource([.. sources.Select(Source)]);
            var all = ListChunkSource.ReadAll(merged);
            Assert.Equal(expected, ListChunkSource.Samples(all.SelectMany(entry => entry.Chunks)));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void TryReadNext_EncodesAnewWhatTheRulesDoNotAllow(bool writesXor2, bool writesStartTimestamps)
    {
        var columns = new SampleColumns();
        foreach (var time in new[] { 10, 20, 30 }) columns.Add(new FloatSample(time, time * 2, time - 5));
        var chunks = new List<EncodedChunk>();
        var builder = new ChunkBuilder();
        builder.Begin(ChunkRules.Merged with { WritesStartTimestamps = true }, chunks);
        builder.Append(columns, 0, columns.Count);
        builder.End();
        Assert.Equal(ChunkEncoding.Xor2, chunks[0].Encoding);

        var rules = ChunkRules.Merged with { WritesXor2 = writesXor2, WritesStartTimestamps = writesStartTimestamps };
        using var merged = new MergedChunkSource([new ListChunkSource((A, [.. chunks]))], rules);
        var read = ListChunkSource.ReadAll(merged)[0].Chunks;
        var isKept = writesXor2 || writesStartTimestamps;
        AssertEqual(isKept ? [.. chunks] : [ListChunkSource.Chunk((10, 20), (20, 40), (30, 60))], read);
        Assert.Equal(isKept ? 0 : 3, merged.DroppedStartTimestamps);
    }

    [Fact]
    public void Symbols_AreThoseOfAllSources_AscendingAndOnce()
    {
        using var merged = new MergedChunkSource(
        [
            new ListChunkSource((B, [])),
            new ListChunkSource((C, [])),
            new ListChunkSource((A, [])),
            new ListChunkSource(),
        ]);
        Assert.Equal("1 __name__ a c x", Text(merged.Symbols));
        Assert.Equal("1 __name__ a c x", Text(merged.Symbols));

        static string Text(IEnumerable<ReadOnlyMemory<byte>> symbols) =>
            string.Join(' ', symbols.Select(symbol => Encoding.UTF8.GetString(symbol.Span)));
    }

    // Chunks of three samples, which do not overlap within a source.
    private static ListChunkSource Source(IReadOnlyList<(long TimeMs, double Value)> samples)
    {
        var chunks = samples.Distinct().Order().Chunk(3).Select(part => ListChunkSource.Chunk(part)).ToArray();
        return chunks.Length == 0 ? new ListChunkSource() : new ListChunkSource((A, chunks));
    }

    private static void AssertEqual(EncodedChunk[] expected, EncodedChunk[] actual)
    {
        Assert.Equal(string.Join('\n', expected.Select(Text)), string.Join('\n', actual.Select(Text)));

        static string Text(EncodedChunk chunk) =>
            $"{chunk.MinTimeMs}-{chunk.MaxTimeMs} {chunk.Encoding} {Convert.ToHexString(chunk.Data.Span)}";
    }
}
