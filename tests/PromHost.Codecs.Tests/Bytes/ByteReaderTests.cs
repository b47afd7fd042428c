using FsCheck;
using FsCheck.Fluent;

namespace PromHost.Codecs.Tests;

public class ByteReaderTests
{
    [Fact]
    public void Reader_ReturnsWhatTheWriterWrote_AndEveryPrefixFails() =>
        Check.QuickThrowOnFailure(Prop.ForAll<long, ulong, byte[]>((signed, unsigned, text) =>
        {
            using var writer = new ByteWriter(initialCapacity: 1);
            Write(writer, signed, unsigned, text);
            var bytes = writer.WrittenSpan.ToArray();

            Reads(bytes, signed, unsigned, text).Should().BeTrue();
            for (var cut = 0; cut < bytes.Length; cut++)
                Reads(bytes.AsSpan(0, cut), signed, unsigned, text).Should().BeFalse();
        }));

    [Fact]
    public void TryReads_LeaveTheCursor_WhenTheyFail()
    {
        var reader = new ByteReader([0x85, 0x01, 0xff]);
        reader.TryReadUInt32(out _).Should().BeFalse();
        reader.TryReadUInt64(out _).Should().BeFalse();
        reader.TryReadUvarintBytes(out _).Should().BeFalse();
        reader.TryReadBytes(-1, out _).Should().BeFalse();
        reader.TrySkip(4).Should().BeFalse();
        reader.Position.Should().Be(0);
        reader.TryReadUvarint32(out var value).Should().BeTrue();
        value.Should().Be(133);
        reader.TryReadUvarint(out _).Should().BeFalse();
        reader.Remaining.Should().Be(1);
    }

    [Fact]
    public void TryReadUvarint32_Fails_WhenTheValueIsNegativeAs32Bits()
    {
        using var writer = new ByteWriter();
        writer.WriteUvarint(1UL << 31);
        new ByteReader(writer.WrittenSpan).TryReadUvarint32(out _).Should().BeFalse();
    }

    [Fact]
    public void PatchUInt32_Overwrites_WhatWasReserved()
    {
        using var writer = new ByteWriter();
        writer.WriteByte(1);
        writer.WriteUInt32(0);
        writer.WriteByte(2);
        writer.PatchUInt32(1, 0x01020304);
        writer.WrittenSpan.ToArray().Should().Equal(1, 1, 2, 3, 4, 2);
        writer.Truncate(1);
        writer.Length.Should().Be(1);
    }

    private static void Write(ByteWriter writer, long signed, ulong unsigned, byte[] text)
    {
        writer.WriteByte(7);
        writer.WriteUInt16((ushort)unsigned);
        writer.WriteUInt32((uint)unsigned);
        writer.WriteUInt64(unsigned);
        writer.WriteInt64(signed);
        writer.WriteDouble(signed);
        writer.WriteUvarint(unsigned);
        writer.WriteVarint(signed);
        writer.WriteUvarintBytes(text);
        writer.WriteBytes([1, 2, 3]);
    }

    private static bool Reads(ReadOnlySpan<byte> bytes, long signed, ulong unsigned, byte[] text)
    {
        var reader = new ByteReader(bytes);
        return reader.TryReadByte(out var b) && b == 7
            && reader.TryReadUInt16(out var u16) && u16 == (ushort)unsigned
            && reader.TryReadUInt32(out var u32) && u32 == (uint)unsigned
            && reader.TryReadUInt64(out var u64) && u64 == unsigned
            && reader.TryReadInt64(out var i64) && i64 == signed
            && reader.TryReadDouble(out var f64) && f64.Equals((double)signed)
            && reader.TryReadUvarint(out var uv) && uv == unsigned
            && reader.TryReadVarint(out var sv) && sv == signed
            && reader.TryReadUvarintBytes(out var read) && read.SequenceEqual(text)
            && reader.TryReadBytes(3, out var tail) && tail.SequenceEqual((ReadOnlySpan<byte>)[1, 2, 3])
            && reader.IsAtEnd;
    }
}
