// Hot path: builds WAL records.
using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PromHost.Codecs;

/// <summary>
/// A growing buffer written front to back in the layout that <see cref="ByteReader"/> reads: big-endian fixed-width
/// integers, varints, byte strings with a uvarint length in front. It rents its array from a pool and keeps it
/// over <see cref="Clear"/>, so that a writer in steady use allocates nothing. For one thread at a time.
/// </summary>
public sealed class ByteWriter : IBufferWriter<byte>, IDisposable
{
    private readonly ArrayPool<byte> _pool;
    private byte[] _buffer;
    private int _length;

    /// <summary>An empty writer on the shared pool.</summary>
    /// <param name="initialCapacity">Bytes to make room for at once.</param>
    public ByteWriter(int initialCapacity = 256)
        : this(ArrayPool<byte>.Shared, initialCapacity)
    {
    }

    /// <summary>An empty writer that rents from <paramref name="pool"/>.</summary>
    /// <param name="pool">Where buffers come from and go back to.</param>
    /// <param name="initialCapacity">Bytes to make room for at once.</param>
    public ByteWriter(ArrayPool<byte> pool, int initialCapacity)
    {
        _pool = pool;
        _buffer = pool.Rent(initialCapacity);
    }

    /// <summary>How many bytes fit before the buffer grows.</summary>
    public int Capacity => _buffer.Length;

    /// <summary>How many bytes have been written.</summary>
    public int Length => _length;

    /// <summary>What has been written; valid until the next call that changes the writer.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _length);

    /// <summary>What has been written; valid until the next call that changes the writer.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>Forgets what has been written and keeps the buffer.</summary>
    public void Clear() => _length = 0;

    /// <summary>Forgets what has been written after the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length, nameof(length));
        _length = length;
    }

    /// <summary>Gives the buffer back to the pool; the writer is empty then and rents anew when written to.</summary>
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
            _pool.Return(buffer);
    }

    /// <summary>Writes one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        if ((uint)_length >= (uint)_buffer.Length)
            Grow(1);
        _buffer[_length++] = value;
    }

    /// <summary>Writes a big-endian 16-bit integer.</summary>
    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Room(sizeof(ushort)), value);
        _length += sizeof(ushort);
    }

    /// <summary>Writes a big-endian 32-bit integer.</summary>
    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Room(sizeof(uint)), value);
        _length += sizeof(uint);
    }

    /// <summary>Writes a big-endian 64-bit integer.</summary>
    public void WriteUInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(Room(sizeof(ulong)), value);
        _length += sizeof(ulong);
    }

    /// <summary>Writes a big-endian 64-bit signed integer.</summary>
    public void WriteInt64(long value) => WriteUInt64((ulong)value);

    /// <summary>Writes the big-endian bits of a double; NaN payloads stay as they are.</summary>
    public void WriteDouble(double value) => WriteUInt64(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes a uvarint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteUvarint(ulong value)
    {
        if (value < 0x80)
        {
            WriteByte((byte)value);
            return;
        }

        Varint.TryWriteUnsigned(Room(Varint.MaxLength), value, out var length);
        _length += length;
    }

    /// <summary>Writes a zigzag-coded varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarint(long value) => WriteUvarint(Varint.FoldSign(value));

    /// <summary>Writes the bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Room(value.Length));
        _length += value.Length;
    }

    /// <summary>Writes the length as a uvarint, then the bytes.</summary>
    public void WriteUvarintBytes(ReadOnlySpan<byte> value)
    {
        WriteUvarint((ulong)value.Length);
        WriteBytes(value);
    }

    /// <summary>
    /// Overwrites four bytes written before with a big-endian integer: a length or a checksum known only later.
    /// </summary>
    /// <param name="offset">Where the four bytes begin.</param>
    /// <param name="value">The integer.</param>
    public void PatchUInt32(int offset, uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(0, _length)[offset..], value);

    /// <summary>Overwrites bytes written before, from <paramref name="offset"/> on.</summary>
    public void PatchBytes(int offset, ReadOnlySpan<byte> value) =>
        value.CopyTo(_buffer.AsSpan(0, _length)[offset..]);

    /// <summary>Opens a gap of <paramref name="count"/> bytes at <paramref name="offset"/>.</summary>
    /// <remarks>The content of the gap is unspecified until it is patched.</remarks>
    public void InsertAt(int offset, int count)
    {
        if (count == 0)
            return;
        _ = Room(count);
        _buffer.AsSpan(offset, _length - offset).CopyTo(_buffer.AsSpan(offset + count));
        _length += count;
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - _length), nameof(count));
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _ = Room(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => Room(Math.Max(sizeHint, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Room(int count)
    {
        if (_buffer.Length - _length < count)
            Grow(count);
        return _buffer.AsSpan(_length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        var needed = checked(_length + count);
        var doubled = (int)Math.Min(2L * _buffer.Length, Array.MaxLength);
        var grown = _pool.Rent(Math.Max(needed, doubled));
        _buffer.AsSpan(0, _length).CopyTo(grown);
        if (_buffer.Length > 0)
            _pool.Return(_buffer);
        _buffer = grown;
    }
}
