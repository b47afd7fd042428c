using System.Text;
using PromHost.Chunks;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>A chunk source of series that are listed; sorts them.</summary>
internal sealed class ListedSeries : ChunkSeriesSource
{
    private readonly List<(Labels Labels, List<EncodedChunk> Chunks)> _series;
    private int _next;

    public ListedSeries(IEnumerable<(Labels Labels, List<EncodedChunk> Chunks)> series) =>
        _series = [.. series.OrderBy(one => one.Labels)];

    /// <summary>Throws at this series, as a source whose data are damaged.</summary>
    public int FailAt { get; init; } = int.MaxValue;

    public override IEnumerable<ReadOnlyMemory<byte>> Symbols =>
        _series.SelectMany(one => Texts(one.Labels))
            .Distinct(StringComparer.Ordinal)
            .Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text))
            .OrderBy(bytes => bytes, Comparer<ReadOnlyMemory<byte>>.Create(
                (a, b) => a.Span.SequenceCompareTo(b.Span)));

    /// <summary>Makes chunks of samples, so many in each.</summary>
    public static List<EncodedChunk> Chunks(IEnumerable<FloatSample> samples, int perChunk = 120) =>
        [.. samples.Chunk(perChunk).Select(Chunk)];

    /// <summary>Series of a node exporter's kind: instances, metrics, devices.</summary>
    public static List<(Labels Labels, List<EncodedChunk> Chunks)> Many(int count, int samples, int seed = 1)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(i => (
                Labels.FromPairs(
                    ("__name__", $"node_metric_{i % 97}_total"), ("instance", $"host-{i / 97 % 50}:9100"),
                    ("job", "node"), ("device", i % 3 == 0 ? "" : $"dev{i % 7}"), ("id", $"{i}"),
                    ("größe", i % 11 == 0 ? "groß" : "")),
                Chunks(Enumerable.Range(0, samples).Select(
                    t => new FloatSample(t * 15_000L, random.Next(3) == 0 ? t : random.NextDouble() * i))))),
        ];
    }

    public override bool TryReadNext(out Labels labels, List<EncodedChunk> chunks)
    {
        labels = default;
        chunks.Clear();
        if (_next == FailAt) throw new StorageReadException("the source is damaged");
        if (_next == _series.Count) return false;
        labels = _series[_next].Labels;
        chunks.AddRange(_series[_next].Chunks);
        _next++;
        return true;
    }

    private static EncodedChunk Chunk(FloatSample[] samples)
    {
        var buffer = new byte[2048];
        var encoder = XorChunkEncoder.Start(buffer);
        foreach (var sample in samples) encoder.Append(buffer, sample.TimestampMs, sample.Value);
        var data = buffer.AsMemory(0, encoder.LengthBytes);
        return new EncodedChunk(samples[0].TimestampMs, samples[^1].TimestampMs, ChunkEncoding.Xor, data);
    }

    private static List<string> Texts(Labels labels)
    {
        var texts = new List<string>();
        foreach (var label in labels)
        {
            texts.Add(Encoding.UTF8.GetString(label.Name));
            texts.Add(Encoding.UTF8.GetString(label.Value));
        }

        return texts;
    }
}
