using PromHost.Model;

namespace PromHost.Chunks.Tests;

/// <summary>Histogram chunks of samples, and back.</summary>
public static class HistogramChunks
{
    /// <summary>As many chunks as the histograms need; start timestamps may be left out.</summary>
    public static List<(byte Encoding, byte[] Data)> Encode(
        List<(long TimestampMs, NativeHistogram Histogram)> samples, long[]? starts, byte integers, byte floats)
    {
        var chunks = new List<(byte, byte[])>();
        var raw = new RawHistogram();
        var encoder = HistogramChunkEncoder.Create(
            samples[0].Histogram.IsInteger ? integers : floats, new HistogramRecoder());
        for (var i = 0; i < samples.Count; i++)
        {
            raw.Set(samples[i].Histogram);
            if (i == 0) encoder.Start(HistogramChunkEncoder.HeaderOf(raw));
            if (encoder.TryAppend(samples[i].TimestampMs, starts?[i] ?? 0, raw, out var header)) continue;
            chunks.Add((encoder.Encoding, encoder.Data.ToArray()));
            encoder.Start(header);
            encoder.TryAppend(samples[i].TimestampMs, starts?[i] ?? 0, raw, out _).Should().BeTrue();
        }

        chunks.Add((encoder.Encoding, encoder.Data.ToArray()));
        return chunks;
    }

    public static List<(long TimestampMs, long StartMs, NativeHistogram Histogram)> Decode(
        byte encoding, byte[] chunk)
    {
        var samples = new List<(long, long, NativeHistogram)>();
        var decoder = new HistogramChunkDecoder();
        decoder.TryStart(encoding, chunk).Should().BeTrue();
        while (decoder.TryReadNext(chunk))
            samples.Add((decoder.TimestampMs, decoder.StartTimestampMs, decoder.ToNative()));
        decoder.IsDamaged.Should().BeFalse();
        return samples;
    }
}
