// Hot path: walked once per batch of postings.
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The series of an index that is being written, read back from the file. What is behind the reader does not stay in
/// memory. For one thread.
/// </summary>
internal sealed class WrittenSeries(MappedFile map, long startBytes, long endBytes) : IDisposable
{
    // As much of the file as may stay in memory.
    private const long MaxReadBytes = 1 << 20;

    private long _position;
    private long _forgotten;

    /// <summary>Goes to the first series; to be called before a walk.</summary>
    public void Rewind() => _position = _forgotten = startBytes;

    /// <summary>Moves to the next series.</summary>
    /// <param name="reference">Its reference: its offset in units.</param>
    /// <param name="entry">Its entry, from the number of labels on.</param>
    /// <returns>False behind the last one.</returns>
    public bool TryNext(out uint reference, out ReadOnlySpan<byte> entry)
    {
        _position = (_position + BlockFormat.SeriesUnitBytes - 1) & -BlockFormat.SeriesUnitBytes;
        reference = (uint)(_position / BlockFormat.SeriesUnitBytes);
        entry = default;
        if (_position >= endBytes || _position - _forgotten > MaxReadBytes) Forget();
        if (_position >= endBytes) return false;
        var bytes = map.Slice(_position, (int)Math.Min(endBytes - _position, int.MaxValue));
        if (!Varint.TryReadUnsigned(bytes, out var length, out var lengthBytes) || length > (ulong)bytes.Length)
            throw new CorruptDataException("the series changed while they were written");
        entry = bytes.Slice(lengthBytes, (int)length);
        _position += lengthBytes + (long)length + sizeof(uint);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => map.Dispose();

    private void Forget()
    {
        var end = Math.Min(_position, endBytes);
        map.Forget(_forgotten, end - _forgotten);
        _forgotten = end;
    }
}
