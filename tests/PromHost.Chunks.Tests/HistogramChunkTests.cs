using PromHost.Model;

namespace PromHost.Chunks.Tests;

public class HistogramChunkTests
{
    private const int SamplesPerSequence = 200;

    public static TheoryData<byte, byte> EncodingPairs => new()
    {
        { ChunkEncoding.Histogram, ChunkEncoding.FloatHistogram },
        { ChunkEncoding.HistogramSt, ChunkEncoding.FloatHistogramSt },
    };

    [Theory]
    [MemberData(nameof(EncodingPairs))]
    public void Decoder_GivesBackWhatWasAppended(byte integers, byte floats)
    {
        for (var seed = 0; seed < 150; seed++)
        {
            var samples = HistogramSequence.Make(seed, SamplesPerSequence);
            var starts = StartTimestamps(samples, seed);
            var chunks = HistogramChunks.Encode(samples, starts, integers, floats);

            var decoded = chunks.SelectMany(chunk => HistogramChunks.Decode(chunk.Encoding, chunk.Data)).ToList();

            decoded.Select(sample => sample.TimestampMs).Should().Equal(samples.Select(sample => sample.TimestampMs));
            for (var i = 0; i < samples.Count; i++)
            {
                decoded[i].Histogram.ShouldEqual(samples[i].Histogram, $"seed {seed}, sample {i}");
                var expected = ChunkEncodings.HasStartTimestamps(integers) ? starts[i] : 0;
                decoded[i].StartMs.Should().Be(expected, $"seed {seed}, sample {i}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(EncodingPairs))]
    public void Decoder_RefusesEveryPrefix(byte integers, byte floats)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var samples = HistogramSequence.Make(seed, 40);
            foreach (var chunk in HistogramChunks.Encode(samples, StartTimestamps(samples, seed), integers, floats))
            {
                var decoder = new HistogramChunkDecoder();
                for (var length = 0; length < chunk.Data.Length; length++)
                {
                    var prefix = chunk.Data.AsSpan(0, length);
                    if (!decoder.TryStart(chunk.Encoding, prefix)) continue;
                    while (decoder.TryReadNext(prefix)) decoder.ToNative();
                    decoder.IsDamaged.Should().BeTrue("seed {0}, length {1}", seed, length);
                }
            }
        }
    }

    [Fact]
    public void Decoder_NeverThrows_WhateverTheBytes()
    {
        var random = new Random(11);
        var decoder = new HistogramChunkDecoder();
        var chunks = Enumerable.Range(0, 40).SelectMany(seed =>
            HistogramChunks.Encode(
                HistogramSequence.Make(seed, 30), null, ChunkEncoding.Histogram, ChunkEncoding.FloatHistogram))
            .ToList();
        for (var round = 0; round < 30_000; round++)
        {
            byte[] bytes;
            var encoding = (byte)random.Next(0, 8);
            if (round % 2 == 0)
            {
                bytes = new byte[random.Next(300)];
                random.NextBytes(bytes);
            }
            else
            {
                var chunk = chunks[random.Next(chunks.Count)];
                encoding = chunk.Encoding;
                bytes = [.. chunk.Data];
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            if (!decoder.TryStart(encoding, bytes)) continue;
            while (decoder.TryReadNext(bytes)) decoder.ToNative();
        }
    }

    [Fact]
    public void ToNative_SharesSpansAndBounds_WithinAChunk()
    {
        var samples = HistogramSequence.Make(24, 30);
        var chunk = HistogramChunks.Encode(samples, null, ChunkEncoding.Histogram, ChunkEncoding.FloatHistogram)
            .MaxBy(chunk => chunk.Data.Length);
        var decoded = HistogramChunks.Decode(chunk.Encoding, chunk.Data);

        decoded.Count.Should().BeGreaterThan(1);
        decoded[1].Histogram.PositiveSpans.Should().Be(decoded[0].Histogram.PositiveSpans);
    }

    [Fact]
    public void ToNative_KeepsIntegersExact_WhenDoublesCannotHoldThem()
    {
        const ulong Large = (1UL << 60) + 1;
        var encoder = HistogramChunkEncoder.Create(ChunkEncoding.Histogram, new HistogramRecoder());
        var raw = new RawHistogram { IsInteger = true, CountWord = Large, ZeroCountWord = Large - 7 };
        raw.SetSpanCounts(1, 0);
        raw.PositiveSpans[0] = new HistogramSpan(3, 1);
        raw.SetBucketCounts(1, 0);
        raw.PositiveBuckets[0] = 7;
        encoder.Start(CounterResetHint.Unknown);
        encoder.TryAppend(1, 0, raw, out _).Should().BeTrue();
        var decoder = new HistogramChunkDecoder();
        decoder.TryStart(ChunkEncoding.Histogram, encoder.Data.Span).Should().BeTrue();

        decoder.TryReadNext(encoder.Data.Span).Should().BeTrue();

        decoder.Current.CountWord.Should().Be(Large);
        decoder.Current.ZeroCountWord.Should().Be(Large - 7);
        var copy = new RawHistogram();
        copy.Set(decoder.ToNative());
        copy.CountWord.Should().Be(Large);
        copy.ZeroCountWord.Should().Be(Large - 7);
        copy.PositiveBuckets.ToArray().Should().Equal(7UL);
    }

    [Fact]
    public void Decoder_MergesBuckets_WhenTheSchemaIsOneOfTheFuture()
    {
        var encoder = HistogramChunkEncoder.Create(ChunkEncoding.Histogram, new HistogramRecoder());
        var raw = new RawHistogram { IsInteger = true, Schema = 10, CountWord = 15 };
        raw.SetSpanCounts(2, 1);
        // Indexes -3 to 0 and 1 to 4 of schema 10 are 0 and 1 of schema 8; 5 is in 2.
        raw.PositiveSpans[0] = new HistogramSpan(-3, 4);
        raw.PositiveSpans[1] = new HistogramSpan(0, 5);
        raw.NegativeSpans[0] = new HistogramSpan(100, 1);
        raw.SetBucketCounts(9, 1);
        new ulong[] { 1, 1, 1, 1, 2, 2, 2, 2, 3 }.CopyTo(raw.PositiveBuckets);
        raw.NegativeBuckets[0] = 5;
        encoder.Start(CounterResetHint.Unknown);
        encoder.TryAppend(1, 0, raw, out _).Should().BeTrue();

        var histogram = HistogramChunks.Decode(ChunkEncoding.Histogram, encoder.Data.ToArray())[0].Histogram;

        histogram.Schema.Should().Be(8);
        histogram.PositiveSpans.ToArray().Should().Equal(new HistogramSpan(0, 3));
        histogram.PositiveCounts.ToArray().Should().Equal(4, 8, 3);
        histogram.NegativeSpans.ToArray().Should().Equal(new HistogramSpan(25, 1));
        histogram.NegativeCounts.ToArray().Should().Equal(5);
    }

    [Fact]
    public void TryAppend_LeavesBytesAndSamplesOfAReaderAlone_WhenBucketsAppear()
    {
        var encoder = HistogramChunkEncoder.Create(ChunkEncoding.Histogram, new HistogramRecoder());
        encoder.Start(CounterResetHint.Unknown);
        encoder.TryAppend(1, 0, Simple(1, 1), out _).Should().BeTrue();
        encoder.TryAppend(2, 0, Simple(1, 2), out _).Should().BeTrue();
        var (buffer, length) = (encoder.Buffer, encoder.LengthBytes);
        var before = buffer[..length];

        encoder.TryAppend(3, 0, Simple(2, 3), out _).Should().BeTrue();

        encoder.Buffer.Should().NotBeSameAs(buffer);
        buffer[..length].Should().Equal(before);
        HistogramChunks.Decode(ChunkEncoding.Histogram, encoder.Data.ToArray())
            .Select(sample => sample.Histogram.PositiveCounts.Length).Should().Equal(2, 2, 2);
    }

    [Fact]
    public void TryAppend_NamesTheHeaderOfTheNextChunk()
    {
        Next(Simple(2, 5), Simple(2, 4)).Should().Be(CounterResetHint.CounterReset);
        Next(Simple(2, 5), Simple(1, 5)).Should().Be(CounterResetHint.CounterReset);
        var otherSchema = Simple(2, 6);
        otherSchema.Schema = 5;
        Next(Simple(2, 5), otherSchema).Should().Be(CounterResetHint.Unknown);
        var gauge = Simple(2, 6);
        gauge.CounterResetHint = CounterResetHint.Gauge;
        Next(Simple(2, 5), gauge).Should().Be(CounterResetHint.Gauge);
        var stale = new RawHistogram();
        stale.SetStale(isInteger: true);
        Next(stale, Simple(2, 6)).Should().Be(CounterResetHint.Unknown);
        Next(Simple(2, 5), stale).Should().BeNull();
        Next(Simple(2, 5), Simple(2, 5)).Should().BeNull();
    }

    [Theory]
    [InlineData(ChunkEncoding.Histogram, 65_535)]
    [InlineData(ChunkEncoding.HistogramSt, 16_383)]
    public void TryAppend_TakesNoMore_WhenTheHeaderCannotCountThem(byte encoding, int max)
    {
        var encoder = HistogramChunkEncoder.Create(encoding, new HistogramRecoder());
        encoder.Start(CounterResetHint.Unknown);
        var histogram = Simple(1, 1);
        for (var i = 0; i < max; i++) encoder.TryAppend(i, 0, histogram, out _).Should().BeTrue();

        encoder.TryAppend(max, 0, histogram, out var header).Should().BeFalse();

        header.Should().Be(CounterResetHint.NotCounterReset);
        ChunkEncodings.TryReadCount(encoding, encoder.Data.Span, out var count).Should().BeTrue();
        count.Should().Be(max);
    }

    [Fact]
    public void TryAppend_AllocatesNothing_WhenTheLayoutStays()
    {
        var encoder = HistogramChunkEncoder.Create(ChunkEncoding.Histogram, new HistogramRecoder());
        encoder.Start(CounterResetHint.Unknown);
        var histogram = Simple(20, 1);
        for (var i = 0; i < 100; i++) encoder.TryAppend(i, 0, histogram, out _);
        encoder.Restart(CounterResetHint.Unknown);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++) encoder.TryAppend(i, 0, histogram, out _);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    // Unknown, then known and the same for a while, then changing now and then.
    private static long[] StartTimestamps(List<(long TimestampMs, NativeHistogram Histogram)> samples, int seed)
    {
        var random = new Random(seed);
        var starts = new long[samples.Count];
        var start = seed % 3 == 0 ? 0 : samples[0].TimestampMs - 5000;
        for (var i = 0; i < starts.Length; i++)
        {
            if (seed % 4 != 0 && random.Next(30) == 0) start = samples[i].TimestampMs - random.Next(1, 1 << 20);
            starts[i] = start;
        }

        return starts;
    }

    private static CounterResetHint? Next(RawHistogram first, RawHistogram second)
    {
        var encoder = HistogramChunkEncoder.Create(ChunkEncoding.Histogram, new HistogramRecoder());
        encoder.Start(HistogramChunkEncoder.HeaderOf(first));
        encoder.TryAppend(1, 0, first, out _).Should().BeTrue();
        return encoder.TryAppend(2, 0, second, out var header) ? null : header;
    }

    private static RawHistogram Simple(int buckets, ulong each)
    {
        var raw = new RawHistogram { IsInteger = true, CountWord = (ulong)buckets * each, Sum = each };
        raw.SetSpanCounts(1, 0);
        raw.PositiveSpans[0] = new HistogramSpan(0, (uint)buckets);
        raw.SetBucketCounts(buckets, 0);
        raw.PositiveBuckets.Fill(each);
        return raw;
    }
}
