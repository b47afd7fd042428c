using PromHost.Model;

namespace PromHost.Chunks.Tests;

public class Xor2ChunkTests
{
    private static readonly long[] Steps =
        [15_000, 15_000, 15_000, 15_001, 14_999, 60_000, 1, 19_095, 19_096, 10_904, 10_903, 600_000, 1L << 40];

    [Fact]
    public void Decoder_GivesBackWhatWasAppended()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var (timestamps, starts, values) = RandomSamples(seed);
            AssertDecodes(Encode(timestamps, starts, values), timestamps, starts, values);
        }
    }

    [Fact]
    public void Encoder_WritesTheBytesOfAPlainBitByBitWriter()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var (timestamps, starts, values) = RandomSamples(seed);
            Encode(timestamps, starts, values).Should()
                .Equal(ReferenceXor2Writer.Encode(timestamps, starts, values), "seed {0}", seed);
        }
    }

    [Fact]
    public void Decoder_RefusesEveryPrefix()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var (timestamps, starts, values) = RandomSamples(seed);
            if (timestamps.Length == 0) continue;
            var chunk = Encode(timestamps, starts, values);
            for (var length = 0; length < chunk.Length; length++)
            {
                Xor2ChunkDecoder.TryDecodeFirst(
                    chunk.AsSpan(0, length), new long[timestamps.Length], new double[timestamps.Length],
                    new long[timestamps.Length], out _).Should().BeFalse("seed {0}, length {1}", seed, length);
            }
        }
    }

    [Fact]
    public void Decoder_NeverThrows_WhateverTheBytes()
    {
        var random = new Random(5);
        var (times, values, starts) = (new long[1000], new double[1000], new long[1000]);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            Xor2ChunkDecoder.TryDecodeFirst(bytes, times.AsSpan(0, random.Next(1000)), values, starts, out _);
        }
    }

    [Fact]
    public void Append_Throws_WhenTheChunkIsFull()
    {
        var encoder = new Xor2ChunkEncoder();
        encoder.Restart();
        for (var i = 0; i < Xor2ChunkEncoder.MaxSamples; i++) encoder.Append(i, 0, 1);

        var act = () => encoder.Append(Xor2ChunkEncoder.MaxSamples, 0, 1);

        act.Should().Throw<InvalidOperationException>();
        Xor2ChunkDecoder.TryReadCount(encoder.Data.Span, out var count).Should().BeTrue();
        count.Should().Be(Xor2ChunkEncoder.MaxSamples);
    }

    private static byte[] Encode(long[] timestamps, long[] starts, double[] values)
    {
        var encoder = new Xor2ChunkEncoder();
        encoder.Restart();
        for (var i = 0; i < timestamps.Length; i++) encoder.Append(timestamps[i], starts[i], values[i]);
        encoder.Count.Should().Be(timestamps.Length);
        return encoder.Data.ToArray();
    }

    private static void AssertDecodes(byte[] chunk, long[] timestamps, long[] starts, double[] values)
    {
        var count = timestamps.Length;
        var (times, read, startTimes) = (new long[count], new double[count], new long[count]);
        Xor2ChunkDecoder.TryDecodeFirst(chunk, times, read, startTimes, out var hasStarts).Should().BeTrue();
        times.Should().Equal(timestamps);
        read.Select(BitConverter.DoubleToUInt64Bits).Should().Equal(values.Select(BitConverter.DoubleToUInt64Bits));
        startTimes.Should().Equal(starts);
        if (starts.Any(start => start != 0)) hasStarts.Should().BeTrue();
    }

    private static (long[] Timestamps, long[] Starts, double[] Values) RandomSamples(int seed)
    {
        var random = new Random(seed);
        var count = random.Next(4) == 0 ? random.Next(4) : random.Next(300);
        var (timestamps, starts, values) = (new long[count], new long[count], new double[count]);
        var time = random.Next(3) == 0 ? -5 : 1_700_000_000_000;
        var start = random.Next(2) == 0 ? 0 : time - random.Next(100_000);
        var value = random.NextDouble();
        for (var i = 0; i < count; i++)
        {
            time += Steps[random.Next(Math.Min(Steps.Length, 4 + (seed % 16)))];
            if (seed % 3 > 0 && random.Next(40) == 0) start = random.Next(5) == 0 ? 0 : time - random.Next(1 << 22);
            value = random.Next(6) switch
            {
                0 => value,
                1 => value + 1,
                2 => random.NextDouble(),
                3 => random.Next(10),
                4 => BitConverter.Int64BitsToDouble(random.NextInt64()),
                _ => random.Next(4) == 0 ? double.NaN : Math.Floor(value),
            };
            timestamps[i] = time;
            starts[i] = start;
            values[i] = random.Next(12) == 0 ? StaleMarker.Value : value;
        }

        return (timestamps, starts, values);
    }
}
