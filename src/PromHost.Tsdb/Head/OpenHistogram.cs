using PromHost.Chunks;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// The open chunk of a series whose last sample is a native histogram, or a float that is encoded as XOR2. The
/// committer appends; what readers see of it is published within a change of the series' state.
/// </summary>
/// <param name="recoder">Shared among the open chunks.</param>
internal sealed class OpenHistogram(HistogramRecoder recoder)
{
    private bool _areFloats;

    /// <summary>Writes a chunk of histograms. Only for the committer.</summary>
    public HistogramChunkEncoder Encoder { get; private set; } = null!;

    /// <summary>Writes a chunk of floats. Only for the committer.</summary>
    public Xor2ChunkEncoder Floats { get; private set; } = null!;

    /// <summary>The encoding of what is written. Only for the committer.</summary>
    public byte WrittenEncoding => _areFloats ? ChunkEncoding.Xor2 : Encoder.Encoding;

    /// <summary>The chunk as it is written. Only for the committer.</summary>
    public ReadOnlyMemory<byte> Data => _areFloats ? Floats.Data : Encoder.Data;

    /// <summary>Timestamp of the last sample written. Only for the committer.</summary>
    public long WrittenTimeMs => _areFloats ? Floats.LastTimestampMs : Encoder.LastTimestampMs;

    /// <summary>Is what readers see a chunk of histograms?</summary>
    public bool HoldsHistograms => ChunkEncodings.IsHistogram(Encoding);

    /// <summary>
    /// Was the end of the chunk predicted from its size? Only for the committer. As in Prometheus it stays so for a
    /// chunk that begins because a histogram did not fit.
    /// </summary>
    public bool HasPredictedEnd { get; set; }

    /// <summary>Begins with the chunk; later samples are behind those published, and change none of them.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <summary>The encoding of the chunk.</summary>
    public byte Encoding { get; private set; }

    /// <summary>Samples that readers see.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that hold these.</summary>
    public int LengthBytes { get; private set; }

    /// <summary>Timestamp of the last of them.</summary>
    public long LastTimeMs { get; private set; }

    /// <summary>Buckets of the last sample, none of a stale marker. Only for the committer.</summary>
    public int BucketCount { get; private set; }

    /// <summary>Begins an empty chunk in memory of its own.</summary>
    /// <param name="encoding">XOR2 or one of the histogram encodings.</param>
    /// <param name="header">What is known of a counter reset before it.</param>
    public void Start(byte encoding, CounterResetHint header)
    {
        _areFloats = encoding == ChunkEncoding.Xor2;
        if (_areFloats)
        {
            Floats ??= new Xor2ChunkEncoder();
            Floats.Start();
            return;
        }

        if (Encoder is null || Encoder.Encoding != encoding)
            Encoder = HistogramChunkEncoder.Create(encoding, recoder);
        Encoder.Start(header);
    }

    /// <summary>Shows readers what the encoder has; within a change.</summary>
    public void Publish()
    {
        if (_areFloats)
        {
            PublishFloats();
            return;
        }

        Bytes = Encoder.Buffer;
        Encoding = Encoder.Encoding;
        Count = Encoder.Count;
        LengthBytes = Encoder.LengthBytes;
        LastTimeMs = Encoder.LastTimestampMs;
        BucketCount = Encoder.Last.IsStale ? 0 : Encoder.Last.Buckets.Length;
    }

    private void PublishFloats()
    {
        Bytes = Floats.Buffer;
        Encoding = ChunkEncoding.Xor2;
        Count = Floats.Count;
        LengthBytes = Floats.LengthBytes;
        LastTimeMs = Floats.LastTimestampMs;
        BucketCount = 0;
    }
}
