using System.Buffers.Binary;
using System.Text;
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class IndexWriterTests : IDisposable
{
    // Prometheus 3.5's index of the two series below: all up to the end of the series, and the postings.
    private const string HeadOfPrometheus =
        "baaad70002000000240000000800085f5f6e616d655f5f0161016208696e7374616e6365036a6f6202757001784726e2" +
        "7700000000000000000000000000000011030106040705020180a0abfef962987508e84ececd00000000000000000000" +
        "0e02010605030180a0abfef9620021da000258";

    private const string PostingsOfPrometheus =
        "0000000c000000020000000400000006001536640000000c000000020000000400000006001536640000000800000001" +
        "0000000473a34a3900000008000000010000000473a34a3900000008000000010000000692983ace";

    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Finish_MakesPrometheusBytes_ButForTheLabelIndices()
    {
        using (var writer = new IndexWriter(_temporary.Open(), "index"))
        {
            writer.WriteSymbols(
                Symbols("", "__name__", "a", "b", "instance", "job", "up", "x"), Pause);
            writer.AddSeries(
                Labels.FromPairs(("__name__", "up"), ("instance", "x"), ("job", "a")),
                [Chunk(1700000000000, 1700000015000)], [8]);
            writer.AddSeries(
                Labels.FromPairs(("__name__", "up"), ("job", "b")), [Chunk(1700000000000, 1700000000000)], [0x21]);
            writer.Finish(Pause);
        }

        var bytes = File.ReadAllBytes(_temporary.PathOf("index"));

        Convert.ToHexStringLower(bytes[..0x73]).Should().Be(HeadOfPrometheus);
        bytes[0x73].Should().Be(0, "postings are aligned");
        Convert.ToHexStringLower(bytes[0x74..(0x74 + 0x58)]).Should().Be(PostingsOfPrometheus);
        // The table: as Prometheus's, with the offsets moved.
        byte[] entries =
        [
            0, 0, 0, 5,
            2, 0, 0, 0x74,
            2, 8, .. "__name__"u8, 2, .. "up"u8, 0x88, 1,
            2, 8, .. "instance"u8, 1, .. "x"u8, 0x9C, 1,
            2, 3, .. "job"u8, 1, .. "a"u8, 0xAC, 1,
            2, 3, .. "job"u8, 1, .. "b"u8, 0xBC, 1,
        ];
        bytes[0xCC..^52].Should().Equal([0, 0, 0, (byte)entries.Length, .. entries, .. Checksum(entries)]);
        byte[] contents =
        [
            0, 0, 0, 0, 0, 0, 0, 5,
            0, 0, 0, 0, 0, 0, 0, 0x31,
            0, 0, 0, 0, 0, 0, 0, 0x73,
            0, 0, 0, 0, 0, 0, 0, 0xCC,
            0, 0, 0, 0, 0, 0, 0, 0x74,
            0, 0, 0, 0, 0, 0, 0, 0xCC,
        ];
        bytes[^52..].Should().Equal([.. contents, .. Checksum(contents)]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(150)]
    [InlineData(700)]
    public void Finish_MakesTheSameBytes_InHoweverManyBatches(int batchEntries)
    {
        foreach (var (name, size) in new[] { ("one", int.MaxValue), ("many", batchEntries) })
        {
            var source = new ListedSeries(ListedSeries.Many(300, 1));
            using var writer = new IndexWriter(_temporary.Open(), name, size);
            writer.WriteSymbols(source.Symbols, Pause);
            var chunks = new List<EncodedChunk>();
            while (source.TryReadNext(out var labels, chunks)) writer.AddSeries(labels, chunks.ToArray(), [8]);
            writer.Finish(Pause);
        }

        File.ReadAllBytes(_temporary.PathOf("many")).Should().Equal(File.ReadAllBytes(_temporary.PathOf("one")));
    }

    [Fact]
    public void WriteSymbols_Refuses_WhatIsNotAscending()
    {
        foreach (var symbols in (string[][])[["b", "a"], ["a", "a"]])
        {
            using var temporary = new TemporaryDirectory();
            using var writer = new IndexWriter(temporary.Open(), "index");

            var act = () => writer.WriteSymbols(Symbols(symbols), Pause);

            act.Should().Throw<CorruptDataException>().WithMessage("*out of order*");
        }
    }

    [Fact]
    public void AddSeries_Refuses_SeriesAndChunksOutOfOrder()
    {
        using var writer = new IndexWriter(_temporary.Open(), "index");
        writer.WriteSymbols(Symbols("a", "b", "c"), Pause);
        writer.AddSeries(Labels.FromPairs(("a", "b")), [Chunk(1, 2)], [8]);

        Add(Labels.FromPairs(("a", "b")), Chunk(1, 2)).Should().Throw<CorruptDataException>().WithMessage("*order*");
        Add(Labels.FromPairs(("a", "a")), Chunk(1, 2)).Should().Throw<CorruptDataException>().WithMessage("*order*");
        Add(Labels.FromPairs(("a", "c")), Chunk(1, 2), Chunk(2, 3))
            .Should().Throw<CorruptDataException>().WithMessage("*overlaps*");
        Add(Labels.FromPairs(("a", "c")), Chunk(2, 1)).Should().Throw<CorruptDataException>();
        Add(Labels.FromPairs(("a", "d")), Chunk(1, 2))
            .Should().Throw<CorruptDataException>().WithMessage("*\"d\" is not among the symbols*");

        Action Add(Labels labels, params EncodedChunk[] chunks) =>
            () => writer.AddSeries(labels, chunks, new ulong[chunks.Length]);
    }

    [Fact]
    public void SymbolNumbers_FindAll_AndNothingElse()
    {
        var texts = Enumerable.Range(0, 5000).Select(i => $"{i:D5}").Prepend("").ToArray();
        var directory = _temporary.Open();
        using (var file = new BlockFileWriter(directory, "symbols"))
        {
            file.WriteUInt32(7);
            foreach (var symbol in Symbols(texts)) file.WriteUvarintBytes(symbol.Span);
            file.Flush();
        }

        using var numbers = new SymbolNumbers(
            directory.Map("symbols", new FileInfo(_temporary.PathOf("symbols")).Length), 4, texts.Length);
        numbers.Fill(Pause);

        for (var i = 0; i < texts.Length; i++)
        {
            numbers.TryFind(Encoding.UTF8.GetBytes(texts[i]), out var number).Should().BeTrue();
            number.Should().Be((uint)i);
        }

        foreach (var missing in (string[])["0", "05000", "99999", "x"])
            numbers.TryFind(Encoding.UTF8.GetBytes(missing), out _).Should().BeFalse();
    }

    private static void Pause()
    {
    }

    private static EncodedChunk Chunk(long min, long max) => new(min, max, ChunkEncoding.Xor, default);

    private static IEnumerable<ReadOnlyMemory<byte>> Symbols(params string[] texts) =>
        texts.Select(text => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(text));

    private static byte[] Checksum(byte[] bytes)
    {
        var checksum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32C.Compute(bytes));
        return checksum;
    }
}
