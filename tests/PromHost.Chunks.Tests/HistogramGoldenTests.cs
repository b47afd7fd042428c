using System.Globalization;
using PromHost.Model;

namespace PromHost.Chunks.Tests;

/// <summary>
/// Chunks that Prometheus 3.5.3 wrote to its <c>chunks_head</c> when it received the samples of
/// <see cref="HistogramSequence"/> by remote write. A line of the file: seed, first and last timestamp, encoding, data.
/// </summary>
public class HistogramGoldenTests
{
    private const int SamplesPerSequence = 160;

    private static readonly ILookup<int, GoldenChunk> Golden = File.ReadLines(
            Path.Combine(AppContext.BaseDirectory, "Golden", "prometheus-3.5-histograms.txt"))
        .Select(GoldenChunk.Parse)
        .ToLookup(chunk => chunk.Seed);

    [Fact]
    public void Encoder_WritesTheBytesOfPrometheus()
    {
        Golden.Count.Should().BeGreaterThan(15);
        var recoder = new HistogramRecoder();
        var raw = new RawHistogram();
        foreach (var series in Golden)
        {
            var samples = HistogramSequence.Make(series.Key, SamplesPerSequence);
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
                    .Be(Convert.ToBase64String(chunk.Data), "seed {0}, chunk of {1}", chunk.Seed, chunk.MinTimeMs);
            }
        }
    }

    [Fact]
    public void Decoder_ReadsTheSamplesSentToPrometheus()
    {
        foreach (var series in Golden)
        {
            var samples = HistogramSequence.Make(series.Key, SamplesPerSequence).ToDictionary(s => s.TimestampMs);
            foreach (var chunk in series)
            {
                foreach (var sample in HistogramChunks.Decode(chunk.Encoding, chunk.Data))
                {
                    sample.Histogram.ShouldEqual(
                        samples[sample.TimestampMs].Histogram, $"seed {chunk.Seed}, timestamp {sample.TimestampMs}");
                }
            }
        }
    }

    // The header of the chunk that a sample begins: the encoder still has the chunk before. A sample that does not fit
    // may also have come when the chunk was to be cut anyway, for time: both headers are right then.
    private static CounterResetHint HeaderOf(HistogramChunkEncoder before, RawHistogram histogram, GoldenChunk golden)
    {
        if (before.Buffer is null) return HistogramChunkEncoder.HeaderOf(histogram);
        var decoder = new HistogramChunkDecoder();
        decoder.TryStart(golden.Encoding, golden.Data).Should().BeTrue();
        var cutForTime = before.HeaderAfter(histogram);
        var fits = before.TryAppend(long.MaxValue / 2, 0, histogram, out var header);
        return fits || cutForTime == decoder.Header ? cutForTime : header;
    }

    private sealed record GoldenChunk(int Seed, long MinTimeMs, long MaxTimeMs, byte Encoding, byte[] Data)
    {
        public static GoldenChunk Parse(string line)
        {
            var parts = line.Split(' ');
            return new GoldenChunk(
                int.Parse(parts[0], CultureInfo.InvariantCulture),
                long.Parse(parts[1], CultureInfo.InvariantCulture),
                long.Parse(parts[2], CultureInfo.InvariantCulture),
                byte.Parse(parts[3], CultureInfo.InvariantCulture),
                Convert.FromBase64String(parts[4]));
        }
    }
}
