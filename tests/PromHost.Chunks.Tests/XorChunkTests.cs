using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;

namespace PromHost.Chunks.Tests;

public class XorChunkTests
{
    private static readonly long[] Steps =
        [0, 1, 15_000, 15_001, 14_999, 60_000, 8191, 8192, 8193, -8191, -8192, 65_536, 65_537, 524_288, 524_289,
         -524_287, -524_288, 1L << 40, -(1L << 40), long.MaxValue, long.MinValue];

    [Fact]
    public void Decode_GivesBackWhatWasAppended_ForAnySamples() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            seed =>
            {
                var (timestamps, values) = RandomSamples(new Random(seed));
                AssertDecodes(Encode(timestamps, values), timestamps, values);
            }));

    [Fact]
    public void Encoder_WritesTheBytesOfAPlainBitByBitWriter()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var (timestamps, values) = RandomSamples(new Random(seed));
            Encode(timestamps, values).Should().Equal(ReferenceXorWriter.Encode(timestamps, values), "seed {0}", seed);
        }
    }

    [Fact]
    public void TryDecode_RefusesEveryPrefix()
    {
        var times = new long[ushort.MaxValue];
        var columns = new double[ushort.MaxValue];
        for (var seed = 0; seed < 60; seed++)
        {
            var (timestamps, values) = RandomSamples(new Random(seed));
            var chunk = Encode(timestamps, values);
            for (var length = 0; length < chunk.Length; length++)
            {
                XorChunkDecoder.TryDecode(chunk.AsSpan(0, length), times, columns, out _)
                    .Should().Be(length >= 2 && timestamps.Length == 0, "seed {0}, length {1}", seed, length);
            }
        }
    }

    [Fact]
    public void TryDecode_NeverThrows_WhateverTheBytes()
    {
        var random = new Random(7);
        var timestamps = new long[ushort.MaxValue];
        var values = new double[ushort.MaxValue];
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (bytes.Length > 1 && random.Next(4) > 0)
                bytes[0] = 0;
            XorChunkDecoder.TryDecode(bytes, timestamps, values, out _);
            XorChunkEncoder.TryResume(bytes, out _);
        }
    }

    [Fact]
    public void TryDecode_RefusesAClaimOfMoreSamplesThanThereAre_WhenThePaddingReadsAsZeros()
    {
        var chunk = Encode([1, 2, 3], [1, 1, 1]);
        BinaryPrimitives.WriteUInt16BigEndian(chunk, 60_000);

        XorChunkDecoder.TryDecode(chunk, new long[60_000], new double[60_000], out _).Should().BeFalse();
    }

    [Fact]
    public void TryDecode_ReadsAFirstChangeThatKeepsAFrameNeverSent_AsPrometheusDoes()
    {
        // A chunk resumed by Prometheus may say "same frame" before any frame was sent: it means all 64 bits.
        var chunk = new byte[64];
        var encoder = XorChunkEncoder.Start(chunk);
        encoder.Append(chunk, 0, 1);
        encoder.Append(chunk, 0, 1);
        var bits = BitConverter.DoubleToUInt64Bits(1) ^ BitConverter.DoubleToUInt64Bits(-3.7);
        var position = ((encoder.LengthBytes - 1) * 8) + 1;
        PromHost.Codecs.BitWriter.Write(chunk, position, 0b010, 3);
        PromHost.Codecs.BitWriter.Write64(chunk, position + 3, bits);
        BinaryPrimitives.WriteUInt16BigEndian(chunk, 3);
        var values = new double[3];

        XorChunkDecoder.TryDecode(chunk.AsSpan(0, (position + 67 + 7) / 8), new long[3], values, out _)
            .Should().BeTrue();

        values[2].Should().Be(-3.7);
    }

    [Fact]
    public void TryDecode_KeepsTheBitsOfNaNs()
    {
        var stale = BitConverter.UInt64BitsToDouble(0x7FF0000000000002);
        var values = new double[3];

        XorChunkDecoder.TryDecode(Encode([1, 2, 3], [stale, 1, stale]), new long[3], values, out var count);

        count.Should().Be(3);
        values.Select(BitConverter.DoubleToUInt64Bits).Should()
            .Equal(0x7FF0000000000002, BitConverter.DoubleToUInt64Bits(1), 0x7FF0000000000002);
    }

    [Fact]
    public void TryDecode_Throws_WhenAColumnIsTooShort()
    {
        var chunk = Encode([1, 2, 3], [1, 1, 1]);
        var act = () => XorChunkDecoder.TryDecode(chunk, new long[2], new double[3], out _);
        act.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void TryDecodeFirst_StopsAtTheGivenSample()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var (timestamps, values) = RandomSamples(new Random(seed));
            var chunk = Encode(timestamps, values);
            var count = timestamps.Length / 2;
            var decodedTimestamps = new long[count];
            XorChunkDecoder.TryDecodeFirst(chunk, count, decodedTimestamps, new double[count]).Should().BeTrue();
            decodedTimestamps.Should().Equal(timestamps[..count]);
        }
    }

    [Fact]
    public void TryResume_ContinuesAsIfThereHadBeenNoBreak()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (timestamps, values) = RandomSamples(random);
            var split = random.Next(timestamps.Length + 1);
            var first = Encode(timestamps[..split], values[..split]);
            XorChunkEncoder.TryResume(first, out var encoder).Should().BeTrue();
            encoder.LengthBytes.Should().Be(first.Length);
            var buffer = new byte[first.Length + (timestamps.Length * XorChunkEncoder.MaxSampleBytes) + 64];
            random.NextBytes(buffer);
            first.CopyTo(buffer, 0);
            for (var i = split; i < timestamps.Length; i++)
                encoder.Append(buffer, timestamps[i], values[i]);

            buffer[..encoder.LengthBytes].Should().Equal(Encode(timestamps, values), "seed {0}", seed);
        }
    }

    [Fact]
    public void Append_LeavesTheChunkAlone_WhenTheBufferIsTooShort()
    {
        var buffer = new byte[XorChunkEncoder.RequiredFreeBytes + 2];
        var encoder = XorChunkEncoder.Start(buffer);
        encoder.Append(buffer, 1, 1);
        var length = encoder.LengthBytes;

        var act = () => encoder.Append(buffer, 2, 2);

        act.Should().Throw<InvalidOperationException>();
        encoder.Count.Should().Be(1);
        encoder.LengthBytes.Should().Be(length);
    }

    [Fact]
    public void Append_Throws_WhenTheCountIsFull()
    {
        var buffer = new byte[40_000];
        var encoder = XorChunkEncoder.Start(buffer);
        for (var i = 0; i < XorChunkEncoder.MaxSamples; i++)
            encoder.Append(buffer, i, 1);

        var act = () => encoder.Append(buffer, 1 << 20, 1);

        act.Should().Throw<InvalidOperationException>();
        AssertDecodes(
            buffer.AsSpan(0, encoder.LengthBytes).ToArray(),
            [.. Enumerable.Range(0, XorChunkEncoder.MaxSamples).Select(i => (long)i)],
            [.. Enumerable.Repeat(1.0, XorChunkEncoder.MaxSamples)]);
    }

    private static byte[] Encode(long[] timestamps, double[] values)
    {
        // Pooled buffers are dirty: garbage behind the chunk must not matter.
        var buffer = new byte[64 + (timestamps.Length * XorChunkEncoder.MaxSampleBytes)];
        buffer.AsSpan().Fill(0xA5);
        var encoder = XorChunkEncoder.Start(buffer);
        for (var i = 0; i < timestamps.Length; i++)
            encoder.Append(buffer, timestamps[i], values[i]);
        encoder.Count.Should().Be(timestamps.Length);
        return buffer[..encoder.LengthBytes];
    }

    private static void AssertDecodes(byte[] chunk, long[] timestamps, double[] values)
    {
        var decodedTimestamps = new long[timestamps.Length];
        var decodedValues = new double[values.Length];
        XorChunkDecoder.TryDecode(chunk, decodedTimestamps, decodedValues, out var count).Should().BeTrue();
        count.Should().Be(timestamps.Length);
        decodedTimestamps.AsSpan().SequenceEqual(timestamps).Should().BeTrue();
        decodedValues.Select(BitConverter.DoubleToUInt64Bits)
            .SequenceEqual(values.Select(BitConverter.DoubleToUInt64Bits)).Should().BeTrue();
    }

    private static (long[] Timestamps, double[] Values) RandomSamples(Random random)
    {
        var count = random.Next(3) == 0 ? random.Next(5) : random.Next(300);
        var timestamps = new long[count];
        var values = new double[count];
        var timestamp = random.Next(2) == 0 ? 1_700_000_000_000 : random.NextInt64(long.MinValue, long.MaxValue);
        var step = Steps[random.Next(Steps.Length)];
        var wild = random.Next(10);
        var value = 0.0;
        for (var i = 0; i < count; i++)
        {
            timestamps[i] = timestamp;
            values[i] = value;
            step = random.Next(10) < wild ? Steps[random.Next(Steps.Length)] : step;
            timestamp = unchecked(timestamp + step);
            value = random.Next(6) switch
            {
                0 or 1 => value,
                2 => value + random.Next(100),
                3 => random.NextDouble(),
                4 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
                _ => -value,
            };
        }

        return (timestamps, values);
    }
}
