using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public sealed class WalRecordTests
{
    private readonly WalRecordDecoder _decoder = new();

    [Fact]
    public void Samples_HaveTheDocumentedBytes()
    {
        WalSample[] samples = [new(5, 1000, 1.5), new(3, 999, -0.0), new(5 + 64, 1000 + 64, 2)];

        Encoded(writer => WalRecordEncoder.Encode(samples, writer)).Should().Equal(
            2,
            0, 0, 0, 0, 0, 0, 0, 5,
            0, 0, 0, 0, 0, 0, 0x03, 0xE8,
            0, 0, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0,
            3, 1, 0x80, 0, 0, 0, 0, 0, 0, 0,
            0x80, 1, 0x80, 1, 0x40, 0, 0, 0, 0, 0, 0, 0);
    }

    [Fact]
    public void Series_HaveTheDocumentedBytes() =>
        Encoded(writer => WalRecordEncoder.Encode(
                [new WalSeries(258, Labels.FromPairs(("b", "xy"), ("a", "z")))], writer))
            .Should().Equal(1, 0, 0, 0, 0, 0, 0, 1, 2, 2, 1, 97, 1, 122, 1, 98, 2, 120, 121);

    [Fact]
    public void Metadata_HasTheDocumentedBytes() =>
        Encoded(writer => WalRecordEncoder.Encode([new WalMetadata(300, 1, "s", "hé")], writer))
            .Should().Equal([6, 0xAC, 2, 1, 2, 4, .. "UNIT"u8, 1, .. "s"u8, 4, .. "HELP"u8, 3, .. "hé"u8]);

    [Fact]
    public void Tombstones_HaveTheDocumentedBytes() =>
        Encoded(writer => WalRecordEncoder.Encode([new WalTombstone(9, -1, 1), new WalTombstone(8, 64, 0)], writer))
            .Should().Equal(3, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 0, 0, 0, 0, 0, 0, 0, 8, 0x80, 1, 0);

    [Fact]
    public void Samples_RoundTrip_AndEveryPrefixIsHandled()
    {
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var samples = Enumerable.Range(0, random.Next(40)).Select(_ => new WalSample(
                (ulong)random.NextInt64(1L << random.Next(1, 41)),
                random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(63),
                BitConverter.Int64BitsToDouble(random.NextInt64()))).ToArray();
            var record = Encoded(writer => WalRecordEncoder.Encode(samples, writer));
            var decoded = Array.Empty<WalSample>();

            WalRecordDecoder.TryDecodeSamples(record, ref decoded, out var count).Should().BeTrue();
            count.Should().Be(samples.Length);
            decoded[..count].Select(Bits).Should().Equal(samples.Select(Bits));
            for (var length = 0; length < record.Length; length++)
            {
                if (WalRecordDecoder.TryDecodeSamples(record.AsSpan(0, length), ref decoded, out count))
                    decoded[..count].Select(Bits).Should().Equal(samples[..count].Select(Bits));
            }
        }
    }

    [Fact]
    public void OtherRecords_RoundTrip_AndEveryPrefixIsHandled()
    {
        var labels = Labels.FromPairs(("__name__", "up"), ("job", new string('x', 400)), ("ü", "ß"));
        WalSeries[] series = [new(1, labels), new(1UL << 40, Labels.Empty), new(7, Labels.FromPairs(("a", "b")))];
        WalExemplar[] exemplars = [new(9, 5, 2.5, labels), new(2, -5, 0, Labels.Empty)];
        WalMetadata[] metadata = [new(1, 3, "", "help"), new(1UL << 39, 7, "bytes", "")];

        RoundTrip(Encoded(writer => WalRecordEncoder.Encode(series, writer)), series, (bytes, into) =>
            _decoder.TryDecodeSeries(bytes, into));
        RoundTrip(Encoded(writer => WalRecordEncoder.Encode(exemplars, writer)), exemplars, (bytes, into) =>
            _decoder.TryDecodeExemplars(bytes, into));
        RoundTrip(Encoded(writer => WalRecordEncoder.Encode(metadata, writer)), metadata, (bytes, into) =>
            WalRecordDecoder.TryDecodeMetadata(bytes, into));
        RoundTrip<WalTombstone>(
            [3, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 0, 0, 0, 0, 0, 0, 0, 8, 0x80, 1, 0],
            [new WalTombstone(9, -1, 1), new WalTombstone(8, 64, 0)],
            (bytes, into) => WalRecordDecoder.TryDecodeTombstones(bytes, into));
        RoundTrip<WalMmapMarker>(
            [5, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 8],
            [new WalMmapMarker(9, (1UL << 32) | 8)],
            (bytes, into) => WalRecordDecoder.TryDecodeMmapMarkers(bytes, into));
    }

    [Fact]
    public void SamplesV2_AreReadWithoutTheirStartTimestamps()
    {
        // First: ref 5, t 1000, start 900; then ref +1, t first + 10 with no start, the same start, an explicit start.
        byte[] record =
        [
            11, 10, 0xD0, 0x0F, 0x88, 0x0E, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0,
            2, 20, 0, 0x40, 0, 0, 0, 0, 0, 0, 0,
            2, 20, 1, 0x40, 0, 0, 0, 0, 0, 0, 0,
            1, 19, 2, 4, 0x40, 0, 0, 0, 0, 0, 0, 0,
        ];
        var samples = Array.Empty<WalSample>();

        WalRecordDecoder.TryDecodeSamples(record, ref samples, out var count).Should().BeTrue();

        samples[..count].Should().Equal(
            new WalSample(5, 1000, 1), new WalSample(6, 1010, 2), new WalSample(7, 1010, 2), new WalSample(6, 990, 2));
    }

    [Fact]
    public void SamplesV2_AreWrittenAndReadWithTheirStartTimestamps()
    {
        (ulong Ref, long T, long Start, double V)[] samples =
            [(5, 1000, 900, 1), (6, 1010, 0, 2), (6, 990, 902, 2), (6, 991, 902, 2)];
        using var writer = new ByteWriter();
        var record = new WalHistogramRecord();

        record.Begin(WalRecordType.SamplesV2, writer);
        foreach (var (walRef, t, start, v) in samples) record.Add(walRef, t, start, v);

        writer.WrittenSpan.ToArray().Should().Equal(
        [
            11, 10, 0xD0, 0x0F, 0x88, 0x0E, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0,
            2, 20, 0, 0x40, 0, 0, 0, 0, 0, 0, 0,
            0, 19, 2, 4, 0x40, 0, 0, 0, 0, 0, 0, 0,
            0, 17, 1, 0x40, 0, 0, 0, 0, 0, 0, 0,
        ]);
        var read = new List<(ulong, long, long, double)>();
        var floats = new WalFloats(writer.WrittenSpan);
        while (floats.MoveNext())
            read.Add((floats.Ref, floats.TimestampMs, floats.StartTimestampMs, floats.Value));
        read.Should().Equal(samples);
        floats.IsMalformed.Should().BeFalse();
    }

    [Fact]
    public void Decoder_SortsAndCleansLabels_ThatAnotherWriterLeftInDisorder()
    {
        byte[] record = [1, 0, 0, 0, 0, 0, 0, 0, 1, 3, 1, 98, 1, 120, 1, 99, 0, 1, 97, 1, 121];
        var series = new List<WalSeries>();

        _decoder.TryDecodeSeries(record, series).Should().BeTrue();

        series.Should().Equal(new WalSeries(1, Labels.FromPairs(("a", "y"), ("b", "x"))));
    }

    [Fact]
    public void Decoder_NeverThrows_WhateverTheBytes()
    {
        var random = new Random(2);
        var samples = Array.Empty<WalSample>();
        for (var round = 0; round < 30_000; round++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            if (bytes.Length > 0)
                bytes[0] = (byte)random.Next(16);
            WalRecordDecoder.TryDecodeSamples(bytes, ref samples, out _);
            _decoder.TryDecodeSeries(bytes, []);
            _decoder.TryDecodeExemplars(bytes, []);
            WalRecordDecoder.TryDecodeMetadata(bytes, []);
            WalRecordDecoder.TryDecodeTombstones(bytes, []);
            WalRecordDecoder.TryDecodeMmapMarkers(bytes, []);
        }
    }

    [Theory]
    [InlineData(new byte[0], 0)]
    [InlineData(new byte[] { 7, 1 }, 7)]
    [InlineData(new byte[] { 13 }, 13)]
    [InlineData(new byte[] { 14 }, 0)]
    [InlineData(new byte[] { 255 }, 0)]
    public void TypeOf_KnowsWhatItKnows(byte[] record, int expected) =>
        ((int)WalRecordDecoder.TypeOf(record)).Should().Be(expected);

    private static (ulong, long, long) Bits(WalSample sample) =>
        (sample.Ref, sample.TimestampMs, BitConverter.DoubleToInt64Bits(sample.Value));

    private static byte[] Encoded(Action<ByteWriter> encode)
    {
        using var writer = new ByteWriter();
        encode(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static void RoundTrip<T>(byte[] record, T[] expected, Func<byte[], List<T>, bool> decode)
    {
        var decoded = new List<T>();
        decode(record, decoded).Should().BeTrue();
        decoded.Should().Equal(expected);
        for (var length = 0; length < record.Length; length++)
        {
            decoded.Clear();
            decode(record[..length], decoded);
            decoded.Should().Equal(expected[..decoded.Count]);
        }
    }
}
