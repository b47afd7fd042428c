// Hot path: a start reads every series of the image here, twice.
using PromHost.Chunks;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>Walks over the series of a section of a head image. Any bytes are safe. For one thread.</summary>
internal ref struct ImageSeriesReader
{
    private ByteReader _reader;

    /// <summary>Stands before the first series.</summary>
    /// <param name="section">The section's data.</param>
    public ImageSeriesReader(ReadOnlySpan<byte> section) => _reader = new ByteReader(section);

    /// <summary>Did the reading end before the section, because the bytes make no sense?</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>The number of the series in the log.</summary>
    public ulong WalRef { get; private set; }

    /// <summary>What open chunk it has; the rest is of this chunk.</summary>
    public ImageOpenChunk Open { get; private set; }

    /// <summary>Timestamp of its first sample.</summary>
    public long MinTimeMs { get; private set; }

    /// <summary>It takes no sample of this time or later.</summary>
    public long CutAtMs { get; private set; }

    /// <summary>Its encoding.</summary>
    public byte Encoding { get; private set; }

    /// <summary>Its bytes.</summary>
    public ReadOnlySpan<byte> Chunk { get; private set; }

    /// <summary>The state of its encoder, when it is one of floats.</summary>
    public XorChunkEncoder Encoder { get; private set; }

    /// <summary>Reads the next series.</summary>
    /// <param name="pairs">Receives the numbers of its label pairs in the image.</param>
    /// <param name="mapped">Receives its full chunks.</param>
    /// <returns>False behind the last one, and at bad bytes.</returns>
    public bool MoveNext(List<int> pairs, List<MappedChunk> mapped)
    {
        if (IsMalformed || _reader.IsAtEnd) return false;
        if (TryRead(pairs, mapped)) return true;
        IsMalformed = true;
        return false;
    }

    private bool TryRead(List<int> pairs, List<MappedChunk> mapped)
    {
        if (!_reader.TryReadUvarint(out var walRef) || walRef == 0) return false;
        WalRef = walRef;
        return TryReadPairs(pairs) && TryReadMapped(mapped) && TryReadOpen();
    }

    private bool TryReadPairs(List<int> pairs)
    {
        pairs.Clear();
        if (!_reader.TryReadUvarint32(out var count)) return false;
        for (; count > 0; count--)
        {
            if (!_reader.TryReadUvarint32(out var pair)) return false;
            pairs.Add(pair);
        }

        return true;
    }

    private bool TryReadMapped(List<MappedChunk> mapped)
    {
        mapped.Clear();
        if (!_reader.TryReadUvarint32(out var count)) return false;
        var (reference, maxTimeMs) = (0UL, 0L);
        for (; count > 0; count--)
        {
            if (!_reader.TryReadUvarint(out var refDelta) || !_reader.TryReadVarint(out var minDelta) ||
                !_reader.TryReadUvarint(out var spanMs))
                return false;
            reference += refDelta;
            var minTimeMs = maxTimeMs + minDelta;
            maxTimeMs = minTimeMs + (long)spanMs;
            mapped.Add(new MappedChunk(minTimeMs, maxTimeMs, reference));
        }

        return true;
    }

    private bool TryReadOpen()
    {
        if (!_reader.TryReadByte(out var kind) || kind > (byte)ImageOpenChunk.HistogramsWithPredictedEnd) return false;
        Open = (ImageOpenChunk)kind;
        Chunk = default;
        if (Open == ImageOpenChunk.None) return true;
        if (!_reader.TryReadVarint(out var minTimeMs) || !_reader.TryReadVarint(out var cutDelta)) return false;
        MinTimeMs = minTimeMs;
        CutAtMs = minTimeMs + cutDelta;
        return Open == ImageOpenChunk.Floats ? TryReadFloats() : TryReadHistograms();
    }

    private bool TryReadFloats()
    {
        if (!_reader.TryReadBytes(XorChunkEncoder.StateBytes, out var state) ||
            !XorChunkEncoder.TryReadState(state, out var encoder) ||
            encoder.LengthBytes > 1 << ChunkBuffers.MaxOrder ||
            !_reader.TryReadBytes(encoder.LengthBytes, out var chunk))
            return false;
        Encoding = ChunkEncoding.Xor;
        Encoder = encoder;
        Chunk = chunk;
        return true;
    }

    private bool TryReadHistograms()
    {
        if (!_reader.TryReadByte(out var encoding) || !ChunkEncodings.IsHistogram(encoding) ||
            !_reader.TryReadUvarintBytes(out var chunk))
            return false;
        Encoding = encoding;
        Chunk = chunk;
        return true;
    }
}
