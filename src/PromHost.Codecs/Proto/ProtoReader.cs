// Hot path: every remote-write message is walked with it.
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace PromHost.Codecs;

/// <summary>
/// Walks the fields of one protobuf message in place. Spans handed out alias the message; nested messages are read by
/// a reader of their own over such a span. Nothing recurses, so no input can exhaust the stack.
/// </summary>
/// <remarks>
/// The first malformed byte is final: every later read fails, <see cref="IsMalformed"/> says so and
/// <see cref="Position"/> stays at the field or value that could not be read.
/// <code>
/// while (reader.TryReadTag(out var field, out var wireType))
/// {
///     if (field == 1 &amp;&amp; reader.TryReadBytes(wireType, out var name)) …
///     else if (!reader.TrySkip(field, wireType)) …
/// }
/// if (reader.IsMalformed) …
/// </code>
/// </remarks>
public ref struct ProtoReader
{
    private readonly ReadOnlySpan<byte> _message;
    private int _position;
    private bool _isMalformed;

    /// <summary>A reader at the first field of <paramref name="message"/>.</summary>
    public ProtoReader(ReadOnlySpan<byte> message)
    {
        _message = message;
        _position = 0;
        _isMalformed = false;
    }

    /// <summary>The offset in the message of the next byte, or of what is malformed.</summary>
    public readonly int Position => _position;

    /// <summary>Whether a read met malformed bytes.</summary>
    public readonly bool IsMalformed => _isMalformed;

    /// <summary>Whether the whole message was read without finding fault.</summary>
    public readonly bool IsAtEnd => _position == _message.Length && !_isMalformed;

    /// <summary>Reads the tag of the next field.</summary>
    /// <param name="field">The field's number, 1 to 2^29-1.</param>
    /// <param name="wireType">How the value that follows is laid out.</param>
    /// <returns><see langword="false"/> at the end of the message, and if the tag is malformed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadTag(out int field, out ProtoWireType wireType)
    {
        // Fields 1 to 15 have tags of one byte; the wire types 6 and 7 do not exist.
        if ((uint)_position < (uint)_message.Length && !_isMalformed)
        {
            var tag = _message[_position];
            if (tag is >= 8 and < 0x80 && (tag & 7) <= 5)
            {
                _position++;
                field = tag >> 3;
                wireType = (ProtoWireType)(tag & 7);
                return true;
            }
        }

        return TryReadTagSlow(out field, out wireType);
    }

    /// <summary>Reads a varint, if that is what the tag announced.</summary>
    /// <param name="wireType">What the tag announced.</param>
    /// <param name="value">The value; a negative int32 or int64 arrives as its 64-bit two's complement.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadVarint(ProtoWireType wireType, out ulong value)
    {
        if (wireType == ProtoWireType.Varint)
            return TryReadVarint(out value);
        value = 0;
        return Fail();
    }

    /// <summary>Reads a zigzag-coded varint (sint32, sint64), if the tag announced a varint.</summary>
    public bool TryReadSignedVarint(ProtoWireType wireType, out long value)
    {
        var complete = TryReadVarint(wireType, out var folded);
        value = Varint.UnfoldSign(folded);
        return complete;
    }

    /// <summary>Reads a 64-bit fixed integer, if that is what the tag announced.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadFixed64(ProtoWireType wireType, out ulong value)
    {
        if (!_isMalformed && wireType == ProtoWireType.Fixed64
            && BinaryPrimitives.TryReadUInt64LittleEndian(_message[_position..], out value))
        {
            _position += sizeof(ulong);
            return true;
        }

        value = 0;
        return Fail();
    }

    /// <summary>Reads a double, if eight bytes are what the tag announced; NaN payloads stay as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadDouble(ProtoWireType wireType, out double value)
    {
        var complete = TryReadFixed64(wireType, out var bits);
        value = BitConverter.UInt64BitsToDouble(bits);
        return complete;
    }

    /// <summary>Reads a 32-bit fixed integer, if that is what the tag announced.</summary>
    public bool TryReadFixed32(ProtoWireType wireType, out uint value)
    {
        if (!_isMalformed && wireType == ProtoWireType.Fixed32
            && BinaryPrimitives.TryReadUInt32LittleEndian(_message[_position..], out value))
        {
            _position += sizeof(uint);
            return true;
        }

        value = 0;
        return Fail();
    }

    /// <summary>Reads a string, bytes or a nested message, if that is what the tag announced.</summary>
    /// <param name="wireType">What the tag announced.</param>
    /// <param name="value">The bytes, aliasing the message; they end at <see cref="Position"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadBytes(ProtoWireType wireType, out ReadOnlySpan<byte> value)
    {
        if (wireType == ProtoWireType.Bytes)
        {
            var start = _position;
            if (TryReadVarint(out var length))
            {
                if (length <= (ulong)(_message.Length - _position))
                {
                    value = _message.Slice(_position, (int)length);
                    _position += (int)length;
                    return true;
                }

                _position = start;
            }
        }

        value = default;
        return Fail();
    }

    /// <summary>Passes over the value of a field that is of no interest.</summary>
    /// <param name="field">The field's number: a group ends at the tag of the same number.</param>
    /// <param name="wireType">What the tag announced.</param>
    public bool TrySkip(int field, ProtoWireType wireType) => wireType switch
    {
        ProtoWireType.Varint => TryReadVarint(out _),
        ProtoWireType.Fixed64 => TryReadFixed64(wireType, out _),
        ProtoWireType.Fixed32 => TryReadFixed32(wireType, out _),
        ProtoWireType.Bytes => TryReadBytes(wireType, out _),
        ProtoWireType.StartGroup => TrySkipGroup(field),
        _ => Fail(),
    };

    /// <summary>Declares the message malformed at the current position, for rules that only the caller knows.</summary>
    /// <returns>Always <see langword="false"/>.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool Fail()
    {
        _isMalformed = true;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadVarint(out ulong value)
    {
        if ((uint)_position < (uint)_message.Length && _message[_position] < 0x80 && !_isMalformed)
        {
            value = _message[_position++];
            return true;
        }

        return TryReadVarintSlow(out value);
    }

    /// <summary>
    /// Two to ten groups of seven bits. The groups are gathered from one load where eight bytes can be loaded: a
    /// timestamp in milliseconds has six of them.
    /// </summary>
    private bool TryReadVarintSlow(out ulong value)
    {
        value = 0;
        if (_isMalformed)
            return false;
        if (BinaryPrimitives.TryReadUInt64LittleEndian(_message[_position..], out var word))
        {
            var ends = ~word & 0x8080808080808080;
            if (ends != 0)
            {
                var lastBit = BitOperations.TrailingZeroCount(ends);
                _position += (lastBit + 1) >> 3;
                value = Gather(word & (ulong.MaxValue >> (63 - lastBit)));
                return true;
            }
        }

        return TryReadVarintByBytes(out value);
    }

    private bool TryReadVarintByBytes(out ulong value)
    {
        value = 0;
        var bits = 0UL;
        for (var i = 0; i < Varint.MaxLength && _position + i < _message.Length; i++)
        {
            var group = _message[_position + i];
            // What does not fit 64 bits is dropped, as every protobuf reader does.
            bits |= (ulong)(group & 0x7f) << (7 * i);
            if (group >= 0x80)
                continue;
            _position += i + 1;
            value = bits;
            return true;
        }

        return Fail();
    }

    /// <summary>Squeezes the continuation bits out of up to eight groups: pairs, then fours, then all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Gather(ulong word)
    {
        word = (word & 0x007f007f007f007f) | ((word & 0x7f007f007f007f00) >> 1);
        word = (word & 0x00003fff00003fff) | ((word & 0x3fff00003fff0000) >> 2);
        return (word & 0x000000000fffffff) | ((word & 0x0fffffff00000000) >> 4);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadTagSlow(out int field, out ProtoWireType wireType)
    {
        field = 0;
        wireType = default;
        if (_isMalformed || _position == _message.Length)
            return false;
        var start = _position;
        if (!TryReadVarint(out var tag))
            return false;
        if (tag is < 8 or > uint.MaxValue || (tag & 7) > 5)
        {
            _position = start;
            return Fail();
        }

        field = (int)(tag >> 3);
        wireType = (ProtoWireType)(tag & 7);
        return true;
    }

    private bool TrySkipGroup(int field)
    {
        var depth = 1;
        while (TryReadTag(out var inner, out var wireType))
        {
            if (wireType == ProtoWireType.StartGroup)
            {
                depth++;
            }
            else if (wireType == ProtoWireType.EndGroup)
            {
                depth--;
                if (depth == 0)
                    return inner == field || Fail();
            }
            else if (!TrySkip(inner, wireType))
            {
                return false;
            }
        }

        return Fail();
    }
}
