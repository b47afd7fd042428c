using PromHost.Chunks;
using PromHost.Chunks.Tests;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public class HistogramColumnsTests
{
    [Theory]
    [InlineData(ChunkEncoding.Histogram, ChunkEncoding.FloatHistogram)]
    [InlineData(ChunkEncoding.HistogramSt, ChunkEncoding.FloatHistogramSt)]
    public void TryAppend_AppendsTheHistogramsOfTheRange(byte integers, byte floats)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var samples = HistogramSequence.Make(seed, 60);
            var starts = samples.Select(sample => sample.TimestampMs - 500).ToArray();
            var (minTimeMs, maxTimeMs) = (samples[7].TimestampMs, samples[50].TimestampMs);
            var columns = new SampleColumns();
            columns.Add(new FloatSample(1, 2));

            foreach (var (encoding, data) in HistogramChunks.Encode(samples, starts, integers, floats))
                ChunkColumns.TryAppend(encoding, data, minTimeMs, maxTimeMs, columns).Should().BeTrue();

            columns.Count.Should().Be(1 + 44);
            columns.Histograms[0].Should().BeNull();
            for (var i = 1; i < columns.Count; i++)
            {
                var (timestampMs, histogram) = samples[i + 6];
                columns.TimestampsMs[i].Should().Be(timestampMs);
                columns.Histograms[i]!.ShouldEqual(histogram, $"seed {seed}, sample {i}");
                var start = columns.StartTimestampsMs.IsEmpty ? 0 : columns.StartTimestampsMs[i];
                start.Should().Be(ChunkEncodings.HasStartTimestamps(integers) ? timestampMs - 500 : 0);
            }
        }
    }

    [Fact]
    public void TryAppend_LeavesTheColumnsAlone_WhenTheChunkIsDamaged()
    {
        var samples = HistogramSequence.Make(1, 60);
        var (encoding, data) = HistogramChunks.Encode(samples, null, ChunkEncoding.Histogram,
            ChunkEncoding.FloatHistogram).MaxBy(chunk => chunk.Data.Length);
        var columns = new SampleColumns();
        columns.Add(new FloatSample(1, 2));

        ChunkColumns.TryAppend(encoding, data.AsSpan(0, data.Length - 1), 0, long.MaxValue, columns)
            .Should().BeFalse();
        ChunkColumns.TryAppend(encoding, data.AsSpan(0, 2), 0, long.MaxValue, columns).Should().BeFalse();

        columns.Count.Should().Be(1);
        columns.Histograms.ToArray().Should().OnlyContain(histogram => histogram == null);
    }
}
