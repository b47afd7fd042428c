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

    [Fact]
    public void Compute_EqualsASumBitByBit_WhateverTheLength()
    {
        var bytes = new byte[4_000];
        new Random(5).NextBytes(bytes);
        for (var length = 0; length <= bytes.Length; length += length < 700 ? 1 : 97)
        {
            for (var start = 0; start < 3 && start <= length; start++)
            {
                Crc32C.Compute(bytes.AsSpan(start, length - start))
                    .Should().Be(BitByBit(bytes.AsSpan(start, length - start)), "{0} to {1}", start, length);
            }
        }
    }

    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        var state = uint.MaxValue;
        foreach (var b in bytes)
        {
            state ^= b;
            for (var bit = 0; bit < 8; bit++) state = (state >> 1) ^ ((state & 1) * 0x82F63B78u);
        }

        return ~state;
    }
}
