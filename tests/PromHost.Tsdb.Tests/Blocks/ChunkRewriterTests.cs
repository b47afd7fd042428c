using PromHost.Chunks;
using PromHost.Chunks.Tests;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public class ChunkRewriterTests
{
    [Fact]
    public void Merge_KeepsAllHistograms_WhenChunksOverlap()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var samples = HistogramSequence.Make(seed, 300);
            var random = new Random(seed);
            var sides = samples.ToLookup(_ => random.Next(3));
            var chunks = sides.SelectMany(side => Encode([.. side])).OrderBy(chunk => chunk.MinTimeMs)
                .ThenBy(chunk => chunk.MaxTimeMs).ToArray();
            var output = new List<EncodedChunk>();
            var rewriter = new ChunkRewriter();

            rewriter.Merge(chunks, output);

            rewriter.SampleCount.Should().Be(samples.Count);
            AssertHolds(output, samples, seed);
        }
    }

    [Fact]
    public void Merge_BeginsAChunk_WhereFloatsAndHistogramsTakeTurns()
    {
        var floats = ListChunkSource.Chunk((1_700_000_000_001, 1), (1_700_000_030_001, 2), (1_700_000_060_001, 3));
        var samples = HistogramSequence.Make(8, 4);
        var output = new List<EncodedChunk>();

        new ChunkRewriter().Merge([.. Encode(samples).Prepend(floats).OrderBy(chunk => chunk.MinTimeMs)], output);

        output.Select(chunk => chunk.Encoding).Should().Contain([ChunkEncoding.Xor, ChunkEncoding.Histogram]);
        output.Should().BeInAscendingOrder(chunk => chunk.MinTimeMs);
        output.Sum(chunk => Decode([chunk]).Count).Should().Be(7);
    }

    [Fact]
    public void Merge_WritesWhatPrometheus35Reads_WhenThereAreStartTimestamps()
    {
        var xor2 = new Xor2ChunkEncoder();
        xor2.Restart();
        for (var i = 0; i < 200; i++) xor2.Append(1000 + i, 900, i);
        var output = new List<EncodedChunk>();
        var rewriter = new ChunkRewriter();

        rewriter.Merge([new EncodedChunk(1000, 1199, ChunkEncoding.Xor2, xor2.Data)], output);

        output.Select(chunk => (chunk.Encoding, chunk.MinTimeMs, chunk.MaxTimeMs)).Should()
            .Equal((ChunkEncoding.Xor, 1000, 1119), (ChunkEncoding.Xor, 1120, 1199));
        Decode(output).Select(sample => sample.Value).Should().Equal(Enumerable.Range(0, 200).Select(i => (double)i));
        rewriter.DroppedStartTimestamps.Should().Be(200);
    }

    [Theory]
    [InlineData(ChunkEncoding.Histogram, ChunkEncoding.FloatHistogram)]
    [InlineData(ChunkEncoding.HistogramSt, ChunkEncoding.FloatHistogramSt)]
    public void TryCut_LeavesOneChunkOfTheSameEncoding(byte integers, byte floats)
    {
        var cutter = new ChunkCutter();
        for (var seed = 0; seed < 30; seed++)
        {
            var samples = HistogramSequence.Make(seed, 200);
            var starts = samples.Select(sample => sample.TimestampMs - 77).ToArray();
            foreach (var (encoding, data) in HistogramChunks.Encode(samples, starts, integers, floats))
            {
                var inside = HistogramChunks.Decode(encoding, data);
                if (inside.Count < 4) continue;
                var kept = inside.Where((_, i) => i >= 1 && i < inside.Count - 1 && i != 2).ToList();
                var parts = new List<EncodedChunk>();
                cutter.Release();

                cutter.TryCut(
                    encoding,
                    data,
                    new TimeInterval(inside[1].TimestampMs, inside[^2].TimestampMs),
                    [new TimeInterval(inside[2].TimestampMs, inside[2].TimestampMs)],
                    parts).Should().BeTrue();

                parts.Should().ContainSingle().Which.Encoding.Should().Be(encoding);
                parts[0].MinTimeMs.Should().Be(kept[0].TimestampMs);
                parts[0].MaxTimeMs.Should().Be(kept[^1].TimestampMs);
                var left = HistogramChunks.Decode(encoding, parts[0].Data.ToArray());
                left.Select(sample => (sample.TimestampMs, sample.StartMs)).Should()
                    .Equal(kept.Select(sample => (sample.TimestampMs, sample.StartMs)));
                for (var i = 0; i < kept.Count; i++)
                    left[i].Histogram.ShouldEqual(kept[i].Histogram, $"seed {seed}, sample {i}");
            }
        }
    }

    [Fact]
    public void TryCut_GivesNothing_WhenAllIsDeleted()
    {
        var parts = new List<EncodedChunk>();
        var chunk = ListChunkSource.Chunk((1, 1), (2, 2));

        new ChunkCutter().TryCut(
            chunk.Encoding, chunk.Data.Span, new TimeInterval(0, 9), [new TimeInterval(1, 2)], parts).Should().BeTrue();

        parts.Should().BeEmpty();
    }

    private static IEnumerable<EncodedChunk> Encode(List<(long TimestampMs, NativeHistogram Histogram)> samples)
    {
        if (samples.Count == 0) return [];
        return HistogramChunks.Encode(samples, null, ChunkEncoding.Histogram, ChunkEncoding.FloatHistogram)
            .Select(chunk =>
            {
                var decoded = HistogramChunks.Decode(chunk.Encoding, chunk.Data);
                return new EncodedChunk(
                    decoded[0].TimestampMs, decoded[^1].TimestampMs, chunk.Encoding, chunk.Data);
            });
    }

    private static List<(long TimeMs, double Value)> Decode(IEnumerable<EncodedChunk> chunks) =>
        ListChunkSource.Samples(chunks);

    private static void AssertHolds(
        List<EncodedChunk> chunks, List<(long TimestampMs, NativeHistogram Histogram)> samples, int seed)
    {
        var columns = new SampleColumns();
        foreach (var chunk in chunks)
        {
            var before = columns.Count;
            ChunkColumns.TryAppend(chunk.Encoding, chunk.Data.Span, long.MinValue, long.MaxValue, columns)
                .Should().BeTrue();
            (columns.Count - before).Should().BeLessThanOrEqualTo(120);
            columns.TimestampsMs[before].Should().Be(chunk.MinTimeMs);
            columns.TimestampsMs[^1].Should().Be(chunk.MaxTimeMs);
        }

        columns.TimestampsMs.ToArray().Should().Equal(samples.Select(sample => sample.TimestampMs));
        for (var i = 0; i < samples.Count; i++)
            columns.Histograms[i]!.ShouldEqual(samples[i].Histogram, $"seed {seed}, sample {i}");
    }
}
