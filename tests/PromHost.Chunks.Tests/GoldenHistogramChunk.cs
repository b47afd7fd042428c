using System.Globalization;

namespace PromHost.Chunks.Tests;

/// <summary>
/// A chunk that Prometheus 3.5.3 wrote to its <c>chunks_head</c> when it received the samples of
/// <see cref="HistogramSequence"/> by remote write, all of which are there but those that were in an open chunk at the
/// end. A line of the file: seed, first and last timestamp, encoding, data.
/// </summary>
public sealed record GoldenHistogramChunk(int Seed, long MinTimeMs, long MaxTimeMs, byte Encoding, string Data)
{
    /// <summary>Samples sent per series.</summary>
    public const int SamplesPerSequence = 160;

    /// <summary>All chunks, by the seed of their series.</summary>
    public static ILookup<int, GoldenHistogramChunk> ReadAll() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", "prometheus-3.5-histograms.txt"))
            .Select(Parse)
            .ToLookup(chunk => chunk.Seed);

    private static GoldenHistogramChunk Parse(string line)
    {
        var parts = line.Split(' ');
        return new GoldenHistogramChunk(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            long.Parse(parts[1], CultureInfo.InvariantCulture),
            long.Parse(parts[2], CultureInfo.InvariantCulture),
            byte.Parse(parts[3], CultureInfo.InvariantCulture),
            parts[4]);
    }
}
