using System.Text;
using PromHost.Chunks;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// Series with chunks from a list. As a real source it gives the same memory again and again, so that whoever uses it
/// too late sees rubbish.
/// </summary>
internal sealed class ListChunkSource(params (Labels Labels, EncodedChunk[] Chunks)[] series) : ChunkSeriesSource
{
    private readonly (Labels Labels, EncodedChunk[] Chunks)[] _series = [.. series.OrderBy(entry => entry.Labels)];
    private readonly List<byte[]> _handedOut = [];
    private int _next;

    public bool IsDisposed { get; private set; }

    public override IEnumerable<ReadOnlyMemory<byte>> Symbols
    {
        get
        {
            var symbols = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var (labels, _) in _series)
            {
                foreach (var label in labels)
                {
                    symbols.Add(Encoding.UTF8.GetString(label.Name));
                    symbols.Add(Encoding.UTF8.GetString(label.Value));
                }
            }

            return symbols.Select(symbol => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(symbol)));
        }
    }

    /// <summary>A chunk of samples.</summary>
    public static EncodedChunk Chunk(params ReadOnlySpan<(long TimeMs, double Value)> samples)
    {
        var buffer = new byte[64 + (samples.Length * XorChunkEncoder.MaxSampleBytes)];
        var encoder = XorChunkEncoder.Start(buffer);
        foreach (var (timeMs, value) in samples) encoder.Append(buffer, timeMs, value);
        return new EncodedChunk(
            samples[0].TimeMs, samples[^1].TimeMs, ChunkEncoding.Xor, buffer.AsMemory(0, encoder.LengthBytes));
    }

    /// <summary>The samples of chunks, in their order.</summary>
    public static List<(long TimeMs, double Value)> Samples(IEnumerable<EncodedChunk> chunks)
    {
        var columns = new SampleColumns();
        foreach (var chunk in chunks)
        {
            Assert.True(ChunkColumns.TryAppend(
                chunk.Encoding, chunk.Data.Span, long.MinValue, long.MaxValue, columns));
        }

        var samples = new List<(long, double)>();
        for (var i = 0; i < columns.Count; i++) samples.Add((columns.TimestampsMs[i], columns.Values[i]));
        return samples;
    }

    /// <summary>All that a source has, copied.</summary>
    public static List<(Labels Labels, EncodedChunk[] Chunks)> ReadAll(ChunkSeriesSource source)
    {
        var all = new List<(Labels, EncodedChunk[])>();
        var chunks = new List<EncodedChunk>();
        while (source.TryReadNext(out var labels, chunks))
            all.Add((labels, [.. chunks.Select(chunk => chunk with { Data = chunk.Data.ToArray() })]));
        return all;
    }

    public override bool TryReadNext(out Labels labels, List<EncodedChunk> chunks)
    {
        foreach (var bytes in _handedOut) Array.Fill(bytes, (byte)0xA5);
        _handedOut.Clear();
        chunks.Clear();
        labels = default;
        if (_next == _series.Length) return false;
        labels = _series[_next].Labels;
        foreach (var chunk in _series[_next++].Chunks)
        {
            _handedOut.Add(chunk.Data.ToArray());
            chunks.Add(chunk with { Data = _handedOut[^1] });
        }

        return true;
    }

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }
}
