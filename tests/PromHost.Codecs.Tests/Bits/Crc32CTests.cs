using System.Text;

namespace PromHost.Codecs.Tests;

public class Crc32CTests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("a", 0xC1D04330u)]
    [InlineData("123456789", 0xE3069283u)]
    public void Compute_GivesThePublishedCheckValues(string text, uint expected) =>
        Crc32C.Compute(Encoding.ASCII.GetBytes(text)).Should().Be(expected);

    [Fact]
    public void Compute_GivesTheVectorsOfRfc3720()
    {
        Crc32C.Compute(new byte[32]).Should().Be(0x8A9136AAu);
        var ones = new byte[32];
        ones.AsSpan().Fill(0xFF);
        Crc32C.Compute(ones).Should().Be(0x62A8AB43u);
        Crc32C.Compute(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()).Should().Be(0x46DD794Eu);
    }

    [Fact]
    public void Append_EqualsOneComputation_WhereverTheBytesAreCut()
    {
        var bytes = Enumerable.Range(0, 41).Select(i => (byte)(i * 37)).ToArray();
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, cut)), bytes.AsSpan(cut))
                .Should().Be(Crc32C.Compute(bytes));
        }
    }
}
