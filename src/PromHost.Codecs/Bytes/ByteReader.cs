// Hot path: walks WAL records and index sections.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PromHost.Codecs;

/// <summary>
/// A cursor over bytes laid out as Prometheus's files are: big-endian fixed-width integers, varints, byte strings with
/// a uvarint length in front. Every read that would pass the end returns <see langword="false"/> and leaves the
/// cursor where it was. Spans handed out alias the input.
/// </summary>
public ref struct ByteReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    /// <summary>A cursor at the front of <paramref name="bytes"/>.</summary>
    public ByteReader(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _position = 0;
    }

    /// <summary>The offset of the next byte from where the reader began.</summary>
    public readonly int Position => _position;

    /// <summary>How many bytes are left.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>Whether every byte has been read.</summary>
    public readonly bool IsAtEnd => _position == _bytes.Length;

    /// <summary>The bytes that are left; the cursor stays.</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[_position..];

    /// <summary>Reads one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadByte(out byte value)
    {
        if ((uint)_position >= (uint)_bytes.Length)
        {
            value = 0;
            return false;
        }

        value = _bytes[_position++];
        return true;
    }

    /// <summary>Reads a big-endian 16-bit integer.</summary>
    public bool TryReadUInt16(out ushort value)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(_bytes[_position..], out value))
            return false;
        _position += sizeof(ushort);
        return true;
    }

    /// <summary>Reads a big-endian 32-bit integer.</summary>
    public bool TryReadUInt32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(_bytes[_position..], out value))
            return false;
        _position += sizeof(uint);
        return true;
    }

    /// <summary>Reads a big-endian 64-bit integer.</summary>
    public bool TryReadUInt64(out ulong value)
    {
        if (!BinaryPrimitives.TryReadUInt64BigEndian(_bytes[_position..], out value))
            return false;
        _position += sizeof(ulong);
        return true;
    }

    /// <summary>Reads a big-endian 64-bit signed integer.</summary>
    public bool TryReadInt64(out long value)
    {
        var complete = TryReadUInt64(out var bits);
        value = (long)bits;
        return complete;
    }

    /// <summary>Reads the big-endian bits of a double; NaN payloads stay as they are.</summary>
    public bool TryReadDouble(out double value)
    {
        var complete = TryReadUInt64(out var bits);
        value = BitConverter.UInt64BitsToDouble(bits);
        return complete;
    }

    /// <summary>Reads a uvarint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadUvarint(out ulong value)
    {
        var complete = Varint.TryReadUnsigned(_bytes[_position..], out value, out var length);
        _position += length;
        return complete;
    }

    /// <summary>Reads a uvarint that must fit a non-negative 32-bit integer: a count, a length, an index.</summary>
    public bool TryReadUvarint32(out int value)
    {
        if (Varint.TryReadUnsigned(_bytes[_position..], out var wide, out var length) && wide <= int.MaxValue)
        {
            value = (int)wide;
            _position += length;
            return true;
        }

        value = 0;
        return false;
    }

    /// <summary>Reads a zigzag-coded varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadVarint(out long value)
    {
        var complete = Varint.TryReadSigned(_bytes[_position..], out value, out var length);
        _position += length;
        return complete;
    }

    /// <summary>Reads <paramref name="count"/> bytes; <paramref name="value"/> aliases the input.</summary>
    /// <returns><see langword="false"/> also if <paramref name="count"/> is negative.</returns>
    public bool TryReadBytes(int count, out ReadOnlySpan<byte> value)
    {
        if ((uint)count > (uint)Remaining)
        {
            value = default;
            return false;
        }

        value = _bytes.Slice(_position, count);
        _position += count;
        return true;
    }

    /// <summary>Reads a uvarint length and that many bytes; <paramref name="value"/> aliases the input.</summary>
    public bool TryReadUvarintBytes(out ReadOnlySpan<byte> value)
    {
        var start = _position;
        if (TryReadUvarint32(out var count) && TryReadBytes(count, out value))
            return true;
        _position = start;
        value = default;
        return false;
    }

    /// <summary>Passes over <paramref name="count"/> bytes.</summary>
    public bool TrySkip(int count) => TryReadBytes(count, out _);
}
