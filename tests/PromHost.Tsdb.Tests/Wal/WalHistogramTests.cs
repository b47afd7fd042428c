using PromHost.Chunks;
using PromHost.Chunks.Tests;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public class WalHistogramTests
{
    [Fact]
    public void Histograms_HaveTheDocumentedBytes()
    {
        var raw = new RawHistogram();
        raw.Set(new NativeHistogram
        {
            IsInteger = true,
            Schema = 1,
            Count = 12,
            ZeroCount = 2,
            ZeroThreshold = 0.5,
            Sum = 1.5,
            CounterResetHint = CounterResetHint.NotCounterReset,
            PositiveSpans = new HistogramSpan[] { new(-2, 2), new(1, 1) },
            PositiveCounts = new double[] { 1, 4, 2 },
            NegativeSpans = new HistogramSpan[] { new(0, 1) },
            NegativeCounts = new double[] { 3 },
        });

        Record(WalRecordType.Histograms, [(7, 1000, 0, raw)]).Should().Equal(
            7,
            0, 0, 0, 0, 0, 0, 0, 7,
            0, 0, 0, 0, 0, 0, 3, 0xE8,
            0, 0,
            2, 2, 0x3F, 0xE0, 0, 0, 0, 0, 0, 0,
            2, 12, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0,
            2, 3, 2, 2, 1,
            1, 0, 1,
            3, 2, 6, 3,
            1, 6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Histograms_RoundTrip_AndEveryPrefixIsHandled(bool withStartTimestamps)
    {
        for (var seed = 0; seed < 36; seed++)
        {
            var samples = HistogramSequence.Make(seed, 30);
            var random = new Random(seed);
            foreach (var group in samples.GroupBy(sample => TypeOf(sample.Histogram, withStartTimestamps)))
            {
                (ulong Ref, long TimeMs, long StartMs, RawHistogram Histogram)[] logged = [.. group.Select(sample => (
                    (ulong)random.Next(1, 50), sample.TimestampMs, random.Next(3) * 1000L, Raw(sample.Histogram)))];
                var record = Record(group.Key, logged);

                Read(record).Should().Equal(logged.Select(entry => (entry.Ref, entry.TimeMs,
                    withStartTimestamps ? entry.StartMs : 0)));
                var expected = group.Select(sample => sample.Histogram).ToList();
                var raw = new RawHistogram();
                var reader = new WalHistograms(record, raw);
                for (var i = 0; reader.MoveNext(); i++)
                {
                    raw.ToNative().ShouldEqual(expected[i], $"seed {seed}, histogram {i}");
                    raw.CounterResetHint.Should().Be(expected[i].CounterResetHint);
                }

                for (var length = 1; length < record.Length; length++)
                    Read(record[..length]).Count.Should().BeLessThan(logged.Length);
            }
        }
    }

    [Fact]
    public void MoveNext_PassesOver_WhatHasOtherBucketsThanItsSpansSay()
    {
        var good = Raw(HistogramSequence.Make(2, 1)[0].Histogram);
        var bad = new RawHistogram { IsInteger = true };
        bad.SetSpanCounts(1, 0);
        bad.PositiveSpans[0] = new HistogramSpan(0, 3);
        bad.SetBucketCounts(1, 0);
        bad.PositiveBuckets[0] = 1;
        var unknown = new RawHistogram { IsInteger = true, Schema = 53 };
        var record = Record(
            WalRecordType.Histograms, [(1, 1, 0, good), (2, 2, 0, bad), (3, 3, 0, unknown), (4, 4, 0, good)]);
        var reader = new WalHistograms(record, new RawHistogram());

        reader.MoveNext().Should().BeTrue();
        reader.Ref.Should().Be(1);
        reader.MoveNext().Should().BeTrue();
        reader.Ref.Should().Be(4);
        reader.MoveNext().Should().BeFalse();
        reader.Unreadable.Should().Be(2);
        reader.IsMalformed.Should().BeFalse();
    }

    [Fact]
    public void MoveNext_MergesBuckets_WhenTheSchemaIsOneOfTheFuture()
    {
        var future = new RawHistogram { IsInteger = true, Schema = 9, CountWord = 3 };
        future.SetSpanCounts(1, 0);
        future.PositiveSpans[0] = new HistogramSpan(1, 2);
        future.SetBucketCounts(2, 0);
        new ulong[] { 1, 2 }.CopyTo(future.PositiveBuckets);
        var raw = new RawHistogram();
        var reader = new WalHistograms(Record(WalRecordType.Histograms, [(1, 1, 0, future)]), raw);

        reader.MoveNext().Should().BeTrue();

        raw.Schema.Should().Be(8);
        raw.PositiveBuckets.ToArray().Should().Equal(3UL);
    }

    [Fact]
    public void MoveNext_NeverThrows_WhateverTheBytes()
    {
        var random = new Random(9);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(1, 120)];
            random.NextBytes(bytes);
            if (random.Next(3) > 0) bytes.AsSpan(0, Math.Min(bytes.Length, 18)).Clear();
            bytes[0] = (byte)random.Next(7, 14);
            Read(bytes);
        }
    }

    private static List<(ulong Ref, long TimeMs, long StartMs)> Read(byte[] record)
    {
        var read = new List<(ulong, long, long)>();
        var reader = new WalHistograms(record, new RawHistogram());
        while (reader.MoveNext()) read.Add((reader.Ref, reader.TimestampMs, reader.StartTimestampMs));
        return read;
    }

    private static WalRecordType TypeOf(NativeHistogram histogram, bool withStartTimestamps) =>
        WalHistogramRecord.TypeOf(histogram, withStartTimestamps);

    private static RawHistogram Raw(NativeHistogram histogram)
    {
        var raw = new RawHistogram();
        raw.Set(histogram);
        return raw;
    }

    private static byte[] Record(
        WalRecordType type, (ulong Ref, long TimeMs, long StartMs, RawHistogram Histogram)[] histograms)
    {
        using var writer = new ByteWriter();
        var record = new WalHistogramRecord();
        record.Begin(type, writer);
        foreach (var (seriesRef, timeMs, startMs, histogram) in histograms)
            record.Add(seriesRef, timeMs, startMs, histogram);
        record.Count.Should().Be(histograms.Length);
        return writer.WrittenSpan.ToArray();
    }
}
