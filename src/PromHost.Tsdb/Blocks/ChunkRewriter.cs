// Hot path: every sample of overlapping blocks passes through here.
using PromHost.Chunks;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// Makes new chunks of the samples of old ones, cut and encoded as Prometheus does it when it compacts. For one
/// thread.
/// </summary>
internal sealed class ChunkRewriter
{
    private const int SamplesPerChunk = 120;
    private const int MaxChunkBytes = (SamplesPerChunk * XorChunkEncoder.MaxSampleBytes)
        + XorChunkEncoder.RequiredFreeBytes;

    private readonly byte[] _buffer = new byte[MaxChunkBytes];
    private readonly ChunkBytes _bytes = new();
    private readonly ChunkMerge _merge = new();
    private XorChunkEncoder _encoder;
    private long _minTimeMs;
    private List<EncodedChunk> _output = [];

    /// <summary>Samples written so far.</summary>
    public long SampleCount { get; private set; }

    /// <summary>Merges chunks of one series; of samples with equal timestamps one is kept.</summary>
    /// <param name="chunks">Two or more, ascending by their first, then by their last timestamp.</param>
    /// <param name="output">Where to add the new chunks; their bytes are valid until <see cref="Release"/>.</param>
    /// <exception cref="StorageReadException">A chunk cannot be decoded.</exception>
    public void Merge(ReadOnlySpan<EncodedChunk> chunks, List<EncodedChunk> output)
    {
        Begin(output);
        _merge.Begin(chunks);
        while (_merge.TryReadRun(out var columns, out var start, out var end))
            Append(columns.TimestampsMs[start..end], columns.Values[start..end]);
        End();
    }

    /// <summary>The bytes of the chunks made so far are not used any more.</summary>
    public void Release() => _bytes.Clear();

    private void Begin(List<EncodedChunk> output)
    {
        _output = output;
        _encoder = default;
    }

    private void Append(ReadOnlySpan<long> timestampsMs, ReadOnlySpan<double> values)
    {
        SampleCount += timestampsMs.Length;
        for (var i = 0; i < timestampsMs.Length; i++)
        {
            if (_encoder.Count is 0 or SamplesPerChunk) StartChunk(timestampsMs[i]);
            _encoder.Append(_buffer, timestampsMs[i], values[i]);
        }
    }

    private void StartChunk(long minTimeMs)
    {
        End();
        _encoder = XorChunkEncoder.Start(_buffer);
        _minTimeMs = minTimeMs;
    }

    private void End()
    {
        if (_encoder.Count == 0) return;
        var data = _bytes.Copy(_buffer.AsSpan(0, _encoder.LengthBytes));
        _output.Add(new EncodedChunk(_minTimeMs, _encoder.LastTimestampMs, ChunkEncoding.Xor, data));
    }
}
