using PromHost.Model;

namespace PromHost.Chunks.Tests;

/// <summary>Chunk by chunk what Prometheus wrote of the same samples.</summary>
public class HistogramGoldenTests
{
    private static readonly ILookup<int, GoldenHistogramChunk> Golden = GoldenHistogramChunk.ReadAll();

    [Fact]
    public void Encoder_WritesTheBytesOfPrometheus()
    {
        Golden.Count.Should().BeGreaterThan(15);
        var recoder = new HistogramRecoder();
        var raw = new RawHistogram();
        foreach (var series in Golden)
        {
            var samples = HistogramSequence.Make(series.Key, GoldenHistogramChunk.SamplesPerSequence);
            var encoder = HistogramChunkEncoder.Create(series.First().Encoding, recoder);
            foreach (var chunk in series)
            {
                var inside = samples.Where(
                    sample => sample.TimestampMs >= chunk.MinTimeMs && sample.TimestampMs <= chunk.MaxTimeMs);
                var isFirst = true;
                foreach (var (timestampMs, histogram) in inside)
                {
                    raw.Set(histogram);
                    if (isFirst) encoder.Start(HeaderOf(encoder, raw, chunk));
                    isFirst = false;
                    encoder.TryAppend(timestampMs, 0, raw, out _).Should()
                        .BeTrue("seed {0}, timestamp {1}", chunk.Seed, timestampMs);
                }

                Convert.ToBase64String(encoder.Data.Span).Should()
                    .Be(chunk.Data, "seed {0}, chunk of {1}", chunk.Seed, chunk.MinTimeMs);
            }
        }
    }

    [Fact]
    public void Decoder_ReadsTheSamplesSentToPrometheus()
    {
        foreach (var series in Golden)
        {
            var samples = HistogramSequence.Make(series.Key, GoldenHistogramChunk.SamplesPerSequence)
                .ToDictionary(sample => sample.TimestampMs);
            foreach (var chunk in series)
            {
                foreach (var sample in HistogramChunks.Decode(chunk.Encoding, Convert.FromBase64String(chunk.Data)))
                {
                    sample.Histogram.ShouldEqual(
                        samples[sample.TimestampMs].Histogram, $"seed {chunk.Seed}, timestamp {sample.TimestampMs}");
                }
            }
        }
    }

    // The header of the chunk that a sample begins: the encoder still has the chunk before. A sample that does not fit
    // may also have come when the chunk was to be cut anyway, for time: both headers are right then.
    private static CounterResetHint HeaderOf(
        HistogramChunkEncoder before, RawHistogram histogram, GoldenHistogramChunk golden)
    {
        if (before.Buffer is null) return HistogramChunkEncoder.HeaderOf(histogram);
        var decoder = new HistogramChunkDecoder();
        decoder.TryStart(golden.Encoding, Convert.FromBase64String(golden.Data)).Should().BeTrue();
        var cutForTime = before.HeaderAfter(histogram);
        var fits = before.TryAppend(long.MaxValue / 2, 0, histogram, out var header);
        return fits || cutForTime == decoder.Header ? cutForTime : header;
    }
}
