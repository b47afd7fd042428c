using FsCheck;
using FsCheck.Fluent;

namespace PromHost.Codecs.Tests;

public class VarintTests
{
    public static TheoryData<ulong, int> Edges => new()
    {
        { 0, 1 }, { 1, 1 }, { 127, 1 }, { 128, 2 }, { 16383, 2 }, { 16384, 3 }, { uint.MaxValue, 5 },
        { long.MaxValue, 9 }, { 1UL << 63, 10 }, { ulong.MaxValue, 10 },
    };

    [Theory]
    [MemberData(nameof(Edges))]
    public void TryWriteUnsigned_TakesTheLengthOfItsGroups_AtEachEdge(ulong value, int expectedLength)
    {
        var buffer = new byte[Varint.MaxLength];
        Varint.TryWriteUnsigned(buffer, value, out var length).Should().BeTrue();
        length.Should().Be(expectedLength).And.Be(Varint.LengthOfUnsigned(value));
        Varint.TryReadUnsigned(buffer, out var read, out var readLength).Should().BeTrue();
        read.Should().Be(value);
        readLength.Should().Be(length);
    }

    [Fact]
    public void TryReadSigned_ReturnsWhatWasWritten_AndEveryPrefixFails() =>
        Check.QuickThrowOnFailure(Prop.ForAll<long>(value =>
        {
            var buffer = new byte[Varint.MaxLength];
            Varint.TryWriteSigned(buffer, value, out var length).Should().BeTrue();
            length.Should().Be(Varint.LengthOfSigned(value));
            Varint.TryReadSigned(buffer.AsSpan(0, length), out var read, out var readLength).Should().BeTrue();
            read.Should().Be(value);
            readLength.Should().Be(length);
            for (var cut = 0; cut < length; cut++)
            {
                Varint.TryReadSigned(buffer.AsSpan(0, cut), out _, out var none).Should().BeFalse();
                none.Should().Be(0);
                Varint.TryWriteSigned(new byte[cut], value, out none).Should().BeFalse();
                none.Should().Be(0);
            }
        }));

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(-1L)]
    public void UnfoldSign_UndoesFoldSign_AtTheEdges(long value) =>
        Varint.UnfoldSign(Varint.FoldSign(value)).Should().Be(value);

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF02")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")]
    [InlineData("80808080808080808080")]
    public void TryReadUnsigned_Fails_WhenTheIntegerExceeds64Bits(string hex) =>
        Varint.TryReadUnsigned(Convert.FromHexString(hex), out _, out _).Should().BeFalse();
}
