// Hot path: walked per series of every selection from a block.
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Walks the chunks of a series as the index lists them: their number, then per chunk the distance of its first
/// timestamp from the last one of the chunk before, its length in time, the distance of its reference.
/// </summary>
internal ref struct SeriesChunkReader
{
    private ByteReader _reader;
    private ulong _left;
    private bool _isFirst;
    private long _maxTimeMs;
    private ulong _reference;

    /// <summary>Begins before the first one.</summary>
    /// <param name="list">The entry of a series from where its chunks are listed on.</param>
    public SeriesChunkReader(ReadOnlySpan<byte> list)
    {
        _reader = new ByteReader(list);
        IsCorrupt = !_reader.TryReadUvarint(out _left);
        _isFirst = true;
    }

    /// <summary>The chunk that <see cref="MoveNext"/> moved to.</summary>
    public SeriesChunk Current { get; private set; }

    /// <summary>Did the walk end because the bytes are not what their format promises?</summary>
    public bool IsCorrupt { get; private set; }

    /// <summary>
    /// Moves to the next chunk. Those of a foreign writer may go back in time: the distance is then a number below zero
    /// in the 64 bits of one above.
    /// </summary>
    public bool MoveNext()
    {
        if (_left == 0 || IsCorrupt) return false;
        _left--;
        IsCorrupt = !TryRead();
        return !IsCorrupt;
    }

    private bool TryRead()
    {
        long minTimeMs;
        if (_isFirst)
        {
            if (!_reader.TryReadVarint(out minTimeMs)) return false;
        }
        else
        {
            if (!_reader.TryReadUvarint(out var gapMs)) return false;
            minTimeMs = unchecked(_maxTimeMs + (long)gapMs);
        }

        if (!_reader.TryReadUvarint(out var lengthMs)) return false;
        var maxTimeMs = unchecked(minTimeMs + (long)lengthMs);
        if (maxTimeMs < minTimeMs) return false;
        if (_isFirst)
        {
            if (!_reader.TryReadUvarint(out _reference)) return false;
        }
        else
        {
            if (!_reader.TryReadVarint(out var distance)) return false;
            _reference += (ulong)distance;
        }

        _isFirst = false;
        _maxTimeMs = maxTimeMs;
        Current = new SeriesChunk(minTimeMs, maxTimeMs, _reference);
        return true;
    }
}
