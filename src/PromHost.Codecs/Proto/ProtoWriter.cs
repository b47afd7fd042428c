using System.Buffers.Binary;
using System.Text;

namespace PromHost.Codecs;

/// <summary>
/// Appends protobuf fields to a <see cref="ByteWriter"/>. Fields are written as asked, zero or not: which ones to
/// leave out is the caller's to know.
/// </summary>
/// <param name="output">Where the message is appended; it stays the caller's.</param>
public readonly struct ProtoWriter(ByteWriter output)
{
    /// <summary>Writes an integer, an enum or a bool.</summary>
    public void WriteVarint(int field, ulong value)
    {
        WriteTag(field, ProtoWireType.Varint);
        output.WriteUvarint(value);
    }

    /// <summary>Writes an int32 or int64; negative ones take ten bytes.</summary>
    public void WriteInt64(int field, long value) => WriteVarint(field, (ulong)value);

    /// <summary>Writes a sint32 or sint64.</summary>
    public void WriteSignedVarint(int field, long value) => WriteVarint(field, Varint.FoldSign(value));

    /// <summary>Writes a double; NaN payloads stay as they are.</summary>
    public void WriteDouble(int field, double value)
    {
        WriteTag(field, ProtoWireType.Fixed64);
        WriteRawDouble(value);
    }

    /// <summary>Writes bytes, or a string or message already encoded.</summary>
    public void WriteBytes(int field, ReadOnlySpan<byte> value)
    {
        WriteTag(field, ProtoWireType.Bytes);
        output.WriteUvarintBytes(value);
    }

    /// <summary>Writes a string.</summary>
    public void WriteString(int field, ReadOnlySpan<char> value)
    {
        WriteTag(field, ProtoWireType.Bytes);
        var length = Encoding.UTF8.GetByteCount(value);
        output.WriteUvarint((ulong)length);
        Encoding.UTF8.GetBytes(value, output.GetSpan(length));
        output.Advance(length);
    }

    /// <summary>Writes a packed list of doubles.</summary>
    public void WritePackedDoubles(int field, ReadOnlySpan<double> values)
    {
        WriteTag(field, ProtoWireType.Bytes);
        output.WriteUvarint((ulong)values.Length * sizeof(double));
        foreach (var value in values)
            WriteRawDouble(value);
    }

    /// <summary>Writes a packed list of sint32 or sint64.</summary>
    public void WritePackedSignedVarints(int field, ReadOnlySpan<long> values)
    {
        var mark = BeginMessage(field);
        foreach (var value in values)
            output.WriteVarint(value);
        EndMessage(mark);
    }

    /// <summary>Begins a nested message; its fields are written next.</summary>
    /// <returns>What <see cref="EndMessage"/> needs.</returns>
    public int BeginMessage(int field)
    {
        WriteTag(field, ProtoWireType.Bytes);
        // Most nested messages are shorter than 128 bytes: room for one byte of length, moved up if that is not enough.
        output.WriteByte(0);
        return output.Length;
    }

    /// <summary>Ends the nested message begun with <see cref="BeginMessage"/>.</summary>
    public void EndMessage(int mark)
    {
        var length = output.Length - mark;
        Span<byte> prefix = stackalloc byte[Varint.MaxLength32];
        Varint.TryWriteUnsigned(prefix, (ulong)length, out var prefixLength);
        output.InsertAt(mark, prefixLength - 1);
        output.PatchBytes(mark - 1, prefix[..prefixLength]);
    }

    private void WriteTag(int field, ProtoWireType wireType) =>
        output.WriteUvarint(((ulong)field << 3) | (ulong)wireType);

    private void WriteRawDouble(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(sizeof(double)), value);
        output.Advance(sizeof(double));
    }
}
