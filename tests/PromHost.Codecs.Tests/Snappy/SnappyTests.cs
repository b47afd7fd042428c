using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace PromHost.Codecs.Tests;

public class SnappyTests
{
    /// <summary>Text-like, repetitive, random and mixed bytes of lengths around every border of the format.</summary>
    public static IEnumerable<byte[]> Samples(int seed)
    {
        var random = new Random(seed);
        int[] lengths =
        [
            0, 1, 2, 4, 14, 15, 16, 17, 31, 59, 60, 61, 62, 255, 256, 257, 1000, 4095, 65_535, 65_536, 65_537, 200_000,
        ];
        foreach (var length in lengths)
        {
            var noise = new byte[length];
            random.NextBytes(noise);
            yield return noise;
            foreach (var period in (int[])[1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 2047, 2048, 5000])
                yield return Enumerable.Range(0, length).Select(i => noise[i % Math.Min(period, length)]).ToArray();
            yield return Mixed(random, length);
        }
    }

    [Fact]
    public void TryDecode_ReturnsTheInput_WhenOursOrTheOracleEncodedIt()
    {
        var encoder = new SnappyEncoder();
        foreach (var input in Samples(seed: 1))
        {
            var ours = Encode(encoder, input);
            Decode(ours).Should().Equal(input);
            if (input.Length > 0)
            {
                IronSnappy.Snappy.Decode(ours).AsSpan().SequenceEqual(input).Should().BeTrue();
                Decode(IronSnappy.Snappy.Encode(input)).AsSpan().SequenceEqual(input).Should().BeTrue();
            }
        }
    }

    [Fact]
    public void TryDecode_ReturnsTheInput_ForAnyBytes()
    {
        var encoder = new SnappyEncoder();
        Check.QuickThrowOnFailure(Prop.ForAll<byte[], byte>((input, times) =>
        {
            var repeated = Enumerable.Repeat(input, times).SelectMany(bytes => bytes).ToArray();
            Decode(Encode(encoder, repeated)).AsSpan().SequenceEqual(repeated).Should().BeTrue();
        }));
    }

    [Fact]
    public void TryDecode_Fails_ForEveryPrefixOfABlock()
    {
        var block = Encode(new SnappyEncoder(), Mixed(new Random(5), 3000));
        var destination = new byte[4000];
        for (var cut = 0; cut < block.Length; cut++)
            SnappyDecoder.TryDecode(block.AsSpan(0, cut), destination, out _).Should().BeFalse("cut at {0}", cut);
    }

    [Fact]
    public void TryDecode_StaysInItsBuffers_ForDamagedAndRandomBlocks()
    {
        var random = new Random(7);
        var block = Encode(new SnappyEncoder(), Mixed(random, 3000));
        for (var round = 0; round < 20_000; round++)
        {
            var hostile = (byte[])block.Clone();
            if (round % 2 == 0)
            {
                for (var flips = random.Next(1, 5); flips > 0; flips--)
                    hostile[random.Next(2, hostile.Length)] = (byte)random.Next(256);
            }
            else
            {
                random.NextBytes(hostile.AsSpan(2));
            }

            var destination = new byte[3000 + 64];
            destination.AsSpan(3000).Fill(0xA5);
            SnappyDecoder.TryDecode(hostile, destination.AsSpan(0, 3000), out _);
            destination.AsSpan(3000).IndexOfAnyExcept((byte)0xA5).Should().Be(-1);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("FFFFFFFF1F")]
    [InlineData("0100")]
    [InlineData("0101")]
    [InlineData("040061016100")]
    [InlineData("0500610102")]
    [InlineData("03086162")]
    [InlineData("02086162636465")]
    [InlineData("04FC0000")]
    [InlineData("04FCFFFFFFFF61")]
    [InlineData("0700610F00000000")]
    public void TryDecode_Fails_ForAMalformedBlock(string hex) =>
        SnappyDecoder.TryDecode(Convert.FromHexString(hex), new byte[64], out _).Should().BeFalse();

    [Fact]
    public void TryDecode_ReadsACopyWithAWideOffset()
    {
        // "abcd", then four bytes from four back, in the form with a 32-bit offset.
        var block = Convert.FromHexString("080C616263640F04000000");
        Decode(block).Should().Equal("abcdabcd"u8.ToArray());
    }

    [Fact]
    public void TryDecode_Fails_WhenTheDestinationIsTooShort()
    {
        var block = Encode(new SnappyEncoder(), new byte[100]);
        SnappyDecoder.TryDecode(block, new byte[99], out var written).Should().BeFalse();
        written.Should().Be(0);
    }

    [Fact]
    public void TryGetDecodedLength_ReportsTheSendersWord_UpTo32Bits()
    {
        SnappyDecoder.TryGetDecodedLength([0xFF, 0xFF, 0xFF, 0xFF, 0x0F], out var length).Should().BeTrue();
        length.Should().Be(uint.MaxValue);
        SnappyDecoder.TryGetDecodedLength([0xFF, 0xFF, 0xFF, 0xFF, 0x1F], out _).Should().BeFalse();
        SnappyDecoder.TryGetDecodedLength([], out _).Should().BeFalse();
    }

    [Fact]
    public void Encode_Throws_WhenTheDestinationIsTooShort()
    {
        var act = () => new SnappyEncoder().Encode(new byte[10], new byte[12]);
        act.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Encode_ShrinksRepetitiveInput()
    {
        Encode(new SnappyEncoder(), new byte[60_000]).Length.Should().BeLessThan(3_000);
    }

    private static byte[] Mixed(Random random, int length)
    {
        var bytes = new byte[length];
        string[] words = ["instance", "node_cpu_seconds_total", "job", "a", "0.25", "localhost:9100"];
        for (var i = 0; i < length;)
        {
            var word = random.Next(4) == 0
                ? [(byte)random.Next(256)]
                : Encoding.UTF8.GetBytes(words[random.Next(words.Length)]);
            foreach (var b in word.Take(length - i))
                bytes[i++] = b;
        }

        return bytes;
    }

    private static byte[] Encode(SnappyEncoder encoder, byte[] input)
    {
        var buffer = new byte[SnappyEncoder.MaxEncodedLength(input.Length)];
        return buffer[..encoder.Encode(input, buffer)];
    }

    private static byte[] Decode(byte[] block)
    {
        SnappyDecoder.TryGetDecodedLength(block, out var length).Should().BeTrue();
        var buffer = new byte[length];
        SnappyDecoder.TryDecode(block, buffer, out var written).Should().BeTrue();
        written.Should().Be(buffer.Length);
        return buffer;
    }
}
