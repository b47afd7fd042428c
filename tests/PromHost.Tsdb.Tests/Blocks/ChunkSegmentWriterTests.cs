using PromHost.Codecs;

namespace PromHost.Tsdb.Tests;

public sealed class ChunkSegmentWriterTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Write_MakesTheDocumentedBytes()
    {
        using (var writer = new ChunkSegmentWriter(_temporary.Open(), "chunks"))
        {
            writer.Write(1, "data"u8).Should().Be(8);
            writer.Write(2, new byte[200]).Should().Be(8 + 10);
            writer.Finish();
        }

        var bytes = File.ReadAllBytes(_temporary.PathOf("chunks/000001"));

        bytes.Length.Should().Be(18 + 207);
        var crc = Crc32C.Compute([1, .. "data"u8]);
        bytes[..18].Should().Equal(
            0x85, 0xBD, 0x40, 0xDD, 1, 0, 0, 0,
            4, 1, (byte)'d', (byte)'a', (byte)'t', (byte)'a',
            (byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc);
        bytes[18..21].Should().Equal(0xC8, 0x01, 2);
    }

    [Fact]
    public void Write_BeginsTheNextFile_WhenAChunkMightNotFit()
    {
        var references = new List<ulong>();
        using (var writer = new ChunkSegmentWriter(_temporary.Open(), "chunks", 1000))
        {
            for (var i = 0; i < 100; i++) references.Add(writer.Write(1, new byte[i]));
            references.Add(writer.Write(1, new byte[5000]));
            references.Add(writer.Write(1, new byte[1]));
            writer.Finish();
        }

        references.Should().BeInAscendingOrder();
        var names = _temporary.Open().List("chunks").Order(StringComparer.Ordinal).ToList();
        names.Should().Equal(Enumerable.Range(1, names.Count).Select(number => $"{number:D6}"));
        references.Select(reference => reference >> 32).Distinct()
            .Should().Equal(Enumerable.Range(0, names.Count).Select(number => (ulong)number));
        foreach (var name in names.SkipLast(2)) Length(name).Should().BeInRange(800, 1000);
        Length(names[^2]).Should().Be(8 + 2 + 1 + 5000 + 4, "a chunk that fits nowhere has a file of its own");
        references[^1].Should().Be(((ulong)(names.Count - 1) << 32) | 8);
    }

    [Fact]
    public void Write_SyncsOnTheWay_SoThatTheLastSyncIsShort()
    {
        var faulty = new FaultyDataDirectory(_temporary.Open());
        using var writer = new ChunkSegmentWriter(faulty, "chunks");
        faulty.FailSyncs = true;

        var act = () =>
        {
            for (var i = 0; i < 70; i++) writer.Write(1, new byte[1 << 20]);
        };

        act.Should().Throw<IOException>();
    }

    private long Length(string name) => new FileInfo(_temporary.PathOf($"chunks/{name}")).Length;
}
