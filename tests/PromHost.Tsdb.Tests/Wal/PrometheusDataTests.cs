using System.Globalization;
using System.IO.Compression;
using PromHost.Chunks;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>Reads files that Prometheus wrote (<c>Golden/prometheus-3.5.3</c>).</summary>
public sealed class PrometheusDataTests : IDisposable
{
    private const string Golden = "Golden/prometheus-3.5.3";
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Wal_HoldsTheSamplesThatPromtoolDumps()
    {
        var (series, samples, metadata) = ReadWal();

        samples.Select(sample => (series[sample.Ref].ToString(), sample.TimestampMs, sample.Value)).Order()
            .SequenceEqual(ReadDump().Order()).Should().BeTrue();
        samples.Count.Should().BeGreaterThan(2000);
        metadata.Should().Contain(entry => entry.Type == 1 && entry.Help.StartsWith("Total user and system CPU"));
    }

    [Fact]
    public void EncodersWriteTheRecordsOfPrometheus()
    {
        Unpack("wal.gz", "wal/00000000");
        using var reader = WalReader.Open(_temporary.Open(), "wal");
        var decoder = new WalRecordDecoder();
        using var writer = new PromHost.Codecs.ByteWriter();
        while (reader.TryRead(out var record))
        {
            writer.Clear();
            var series = new List<WalSeries>();
            var metadata = new List<WalMetadata>();
            var samples = Array.Empty<WalSample>();
            if (decoder.TryDecodeSeries(record, series))
                WalRecordEncoder.Encode(series.ToArray(), writer);
            else if (WalRecordDecoder.TryDecodeMetadata(record, metadata))
                WalRecordEncoder.Encode(metadata.ToArray(), writer);
            else if (WalRecordDecoder.TryDecodeSamples(record, ref samples, out var count))
                WalRecordEncoder.Encode(samples.AsSpan(0, count), writer);
            writer.WrittenSpan.SequenceEqual(record).Should().BeTrue("type {0}", record[0]);
        }
    }

    [Fact]
    public void HeadChunks_HoldSamplesOfTheWal_AndTheEncoderWritesTheirBytes()
    {
        Unpack("chunks_head.gz", "chunks_head/000001");
        var stored = ReadWal().Samples
            .Select(sample => (sample.Ref, sample.TimestampMs, BitConverter.DoubleToInt64Bits(sample.Value)))
            .ToHashSet();
        var chunks = 0;
        using var files = HeadChunkFiles.Open(_temporary.Open());

        var damages = files.ForEach((_, in header, data) =>
        {
            chunks++;
            header.Encoding.Should().Be(ChunkEncoding.Xor);
            var timestamps = new long[1000];
            var values = new double[1000];
            XorChunkDecoder.TryDecode(data, timestamps, values, out var count).Should().BeTrue();
            timestamps[0].Should().Be(header.MinTimestampMs);
            timestamps[count - 1].Should().Be(header.MaxTimestampMs);
            var buffer = new byte[data.Length + XorChunkEncoder.RequiredFreeBytes];
            var encoder = XorChunkEncoder.Start(buffer);
            for (var i = 0; i < count; i++)
            {
                stored.Contains((header.SeriesRef, timestamps[i], BitConverter.DoubleToInt64Bits(values[i])))
                    .Should().BeTrue();
                encoder.Append(buffer, timestamps[i], values[i]);
            }

            buffer.AsSpan(0, encoder.LengthBytes).SequenceEqual(data).Should().BeTrue();
        });

        damages.Should().BeEmpty();
        chunks.Should().BeGreaterThan(10);
    }

    private (Dictionary<ulong, Labels> Series, List<WalSample> Samples, List<WalMetadata> Metadata) ReadWal()
    {
        Unpack("wal.gz", "wal/00000000");
        var series = new List<WalSeries>();
        var all = new List<WalSample>();
        var metadata = new List<WalMetadata>();
        var samples = Array.Empty<WalSample>();
        var decoder = new WalRecordDecoder();
        using var reader = WalReader.Open(_temporary.Open(), "wal");
        while (reader.TryRead(out var record))
        {
            switch (WalRecordDecoder.TypeOf(record))
            {
                case WalRecordType.Series:
                    decoder.TryDecodeSeries(record, series).Should().BeTrue();
                    break;
                case WalRecordType.Samples:
                    WalRecordDecoder.TryDecodeSamples(record, ref samples, out var count).Should().BeTrue();
                    all.AddRange(samples[..count]);
                    break;
                case WalRecordType.Metadata:
                    WalRecordDecoder.TryDecodeMetadata(record, metadata).Should().BeTrue();
                    break;
                default:
                    Assert.Fail($"a record of type {record[0]}");
                    break;
            }
        }

        reader.Damages.Should().BeEmpty();
        return (series.ToDictionary(entry => entry.Ref, entry => entry.Labels), all, metadata);
    }

    // A line is: {labels} value timestamp.
    private static IEnumerable<(string, long, double)> ReadDump()
    {
        using var file = File.OpenRead(Path.Join(AppContext.BaseDirectory, Golden, "dump.txt.gz"));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var text = new StreamReader(unpacked);
        while (text.ReadLine() is { } line)
        {
            var timestampAt = line.LastIndexOf(' ');
            var valueAt = line.LastIndexOf(' ', timestampAt - 1);
            yield return (
                line[..valueAt],
                long.Parse(line.AsSpan(timestampAt + 1), CultureInfo.InvariantCulture),
                double.Parse(line.AsSpan((valueAt + 1)..timestampAt), CultureInfo.InvariantCulture));
        }
    }

    private void Unpack(string golden, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_temporary.PathOf(path))!);
        using var file = File.OpenRead(Path.Join(AppContext.BaseDirectory, Golden, golden));
        using var unpacked = new GZipStream(file, CompressionMode.Decompress);
        using var target = File.Create(_temporary.PathOf(path));
        unpacked.CopyTo(target);
    }
}
