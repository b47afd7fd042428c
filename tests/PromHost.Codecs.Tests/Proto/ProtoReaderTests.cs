using FsCheck;
using FsCheck.Fluent;

namespace PromHost.Codecs.Tests;

public class ProtoReaderTests
{
    [Fact]
    public void Reader_ReturnsWhatTheWriterWrote() =>
        Check.QuickThrowOnFailure(Prop.ForAll<long, double, string>((number, real, text) =>
        {
            text ??= "";
            using var output = new ByteWriter(initialCapacity: 1);
            Write(new ProtoWriter(output), number, real, text);

            var reader = new ProtoReader(output.WrittenSpan);
            reader.TryReadVarint(Next(ref reader, 1), out var varint).Should().BeTrue();
            varint.Should().Be((ulong)number);
            reader.TryReadSignedVarint(Next(ref reader, 2), out var signed).Should().BeTrue();
            signed.Should().Be(number);
            reader.TryReadDouble(Next(ref reader, 300), out var value).Should().BeTrue();
            BitConverter.DoubleToInt64Bits(value).Should().Be(BitConverter.DoubleToInt64Bits(real));
            reader.TryReadBytes(Next(ref reader, 4), out var bytes).Should().BeTrue();
            // Lone surrogates become replacement characters on the way out.
            bytes.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(text)).Should().BeTrue();
            reader.TryReadBytes(Next(ref reader, 5), out var nested).Should().BeTrue();
            var inner = new ProtoReader(nested);
            inner.TryReadBytes(Next(ref inner, 6), out var doubles).Should().BeTrue();
            doubles.Length.Should().Be(40 * sizeof(double));
            inner.TryReadBytes(Next(ref inner, 7), out _).Should().BeTrue();
            inner.IsAtEnd.Should().BeTrue();
            reader.IsAtEnd.Should().BeTrue();
        }));

    [Fact]
    public void TrySkip_PassesEveryField_AndEveryPrefixInsideAFieldFails()
    {
        using var output = new ByteWriter();
        Write(new ProtoWriter(output), -1, 1.5, "name");
        var ends = new HashSet<int> { 0 };
        var reader = new ProtoReader(output.WrittenSpan);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            reader.TrySkip(field, wireType).Should().BeTrue();
            ends.Add(reader.Position);
        }

        for (var cut = 0; cut < output.Length; cut++)
            SkipsAll(output.WrittenSpan[..cut]).Should().Be(ends.Contains(cut), "cut at {0}", cut);
    }

    [Fact]
    public void Reader_NeverThrowsNorHangs_OnRandomBytes()
    {
        var random = new Random(3);
        var bytes = new byte[64];
        for (var round = 0; round < 50_000; round++)
        {
            random.NextBytes(bytes);
            SkipsAll(bytes.AsSpan(0, random.Next(bytes.Length)));
        }
    }

    [Theory]
    [InlineData("00", 0)] // field 0
    [InlineData("0E", 0)] // wire type 6
    [InlineData("0C", 1)] // an end without a beginning
    [InlineData("08", 1)] // a varint cut off
    [InlineData("08FFFFFFFFFFFFFFFFFFFF", 1)] // a varint that does not end
    [InlineData("0A05AABB", 1)] // a length past the end
    [InlineData("0AFFFFFFFFFFFFFFFFFF01", 1)] // a length past everything
    [InlineData("0801110000", 3)] // a double cut off
    [InlineData("FFFFFFFFFF01", 0)] // a field number past 2^29
    [InlineData("0B0801", 3)] // a group that does not end
    [InlineData("0B1C", 2)] // a group ended by another's tag
    public void TrySkip_Fails_AtTheMalformedByte(string hex, int position)
    {
        var reader = new ProtoReader(Convert.FromHexString(hex));
        while (reader.TryReadTag(out var field, out var wireType) && reader.TrySkip(field, wireType))
        {
        }

        reader.IsMalformed.Should().BeTrue();
        reader.Position.Should().Be(position);
        reader.TryReadTag(out _, out _).Should().BeFalse();
        reader.TryReadVarint(ProtoWireType.Varint, out _).Should().BeFalse();
    }

    [Fact]
    public void TrySkip_PassesNestedGroups_WithoutRecursion()
    {
        const int depth = 1_000_000;
        var bytes = new byte[2 * depth];
        bytes.AsSpan(0, depth).Fill(0x0B);
        bytes.AsSpan(depth).Fill(0x0C);
        SkipsAll(bytes).Should().BeTrue();
    }

    [Theory]
    [InlineData(ProtoWireType.Fixed64)]
    [InlineData(ProtoWireType.Bytes)]
    public void TryReadVarint_Fails_WhenTheTagAnnouncedAnotherType(ProtoWireType wireType)
    {
        var reader = new ProtoReader(new byte[20]);
        reader.TryReadVarint(wireType, out _).Should().BeFalse();
        reader.IsMalformed.Should().BeTrue();
    }

    private static void Write(ProtoWriter writer, long number, double real, string text)
    {
        writer.WriteInt64(1, number);
        writer.WriteSignedVarint(2, number);
        writer.WriteDouble(300, real);
        writer.WriteString(4, text);
        var mark = writer.BeginMessage(5);
        writer.WritePackedDoubles(6, new double[40]);
        writer.WritePackedSignedVarints(7, [0, -1, long.MinValue]);
        writer.EndMessage(mark);
    }

    private static bool SkipsAll(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtoReader(bytes);
        while (reader.TryReadTag(out var field, out var wireType) && reader.TrySkip(field, wireType))
        {
        }

        return reader.IsAtEnd;
    }

    private static ProtoWireType Next(ref ProtoReader reader, int expectedField)
    {
        reader.TryReadTag(out var field, out var wireType).Should().BeTrue();
        field.Should().Be(expectedField);
        return wireType;
    }
}
