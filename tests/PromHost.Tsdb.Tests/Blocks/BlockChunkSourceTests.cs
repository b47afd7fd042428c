using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class BlockChunkSourceTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly DataDirectory _directory;

    public BlockChunkSourceTests()
    {
        GoldenBlock.CopyTo(_folder.Path);
        _directory = _folder.Open();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TryReadNext_GivesAllChunksAsTheyLie_WhenNothingIsDeleted()
    {
        using var block = Block.Open(_directory, GoldenBlock.Name);
        Read(block, out var chunks).Should().BeEquivalentTo(
            GoldenBlock.Expected, options => options.WithStrictOrdering().ComparingByValue<Labels>());
        chunks.Should().Be((int)block.Meta.Stats.Chunks);
    }

    [Fact]
    public void TryReadNext_LeavesOutWhatIsDeleted_ForRandomTombstones()
    {
        using var block = Block.Open(_directory, GoldenBlock.Name);
        var series = new uint[GoldenBlock.Expected.Count];
        block.Index.Postings.Get(block.Index.Postings.CheckAll()).CopyTo(series);
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            var builder = new TombstonesBuilder();
            for (var i = random.Next(60); i > 0; i--)
            {
                var start = GoldenBlock.MinTimeMs + random.Next(7_200_000);
                builder.Add(
                    series[random.Next(series.Length)],
                    new TimeInterval(start, start + random.Next(random.Next(2) == 0 ? 40_000 : 7_200_000)));
            }

            var tombstones = builder.Build();
            block.Replace(tombstones);
            using var reopened = Block.Open(_directory, GoldenBlock.Name);
            reopened.Meta.Stats.Tombstones.Should().Be(tombstones.IntervalCount);
            var expected = GoldenBlock.Expected
                .Select((entry, i) => (entry.Labels, Samples: Left(tombstones, series[i], entry.Samples)))
                .Where(entry => entry.Samples.Length > 0);
            Read(reopened, out _).Should().BeEquivalentTo(
                expected, options => options.WithStrictOrdering().ComparingByValue<Labels>());
            Read(block, out _).Count.Should().Be(expected.Count());
        }
    }

    [Fact]
    public void TryReadNext_CutsChunks_AtTheBordersOfTheBlock()
    {
        using var block = Block.Open(_directory, GoldenBlock.Name);
        var (min, max) = (GoldenBlock.MinTimeMs + 1_000_000, GoldenBlock.MinTimeMs + 3_000_000);
        block.Replace(block.Meta with { MinTimeMs = min, MaxTimeMs = max });
        var expected = GoldenBlock.Expected
            .Select(entry => (
                entry.Labels, Samples: entry.Samples.Where(sample => sample.T >= min && sample.T < max).ToArray()))
            .Where(entry => entry.Samples.Length > 0);
        Read(block, out _).Should().BeEquivalentTo(
            expected, options => options.WithStrictOrdering().ComparingByValue<Labels>());
    }

    [Fact]
    public void TryReadNext_NamesBlockAndFile_WhenAChunkIsDamaged()
    {
        var path = _folder.PathOf($"{GoldenBlock.Name}/chunks/000001");
        var bytes = File.ReadAllBytes(path);
        bytes[5000] ^= 1;
        File.WriteAllBytes(path, bytes);
        using var block = Block.Open(_directory, GoldenBlock.Name);
        var read = () => Read(block, out _);
        read.Should().Throw<StorageReadException>().WithMessage(
            $"block {GoldenBlock.Name} is damaged: {GoldenBlock.Name}/chunks/000001: offset *");
    }

    private static (long T, double V)[] Left(Tombstones tombstones, uint series, (long T, double V)[] samples) =>
        [.. samples.Where(sample => !tombstones.Of(series).ToArray().Any(interval => interval.Contains(sample.T)))];

    private static List<(Labels Labels, (long T, double V)[] Samples)> Read(Block block, out int chunkCount)
    {
        using var source = new BlockChunkSource(block);
        var result = new List<(Labels, (long, double)[])>();
        var chunks = new List<EncodedChunk>();
        chunkCount = 0;
        while (source.TryReadNext(out var labels, chunks))
        {
            var columns = new SampleColumns();
            foreach (var chunk in chunks)
            {
                var before = columns.Count;
                ChunkColumns.TryAppend(chunk.Encoding, chunk.Data.Span, long.MinValue, long.MaxValue, columns)
                    .Should().BeTrue();
                columns.TimestampsMs[before].Should().Be(chunk.MinTimeMs);
                columns.TimestampsMs[^1].Should().Be(chunk.MaxTimeMs);
            }

            chunkCount += chunks.Count;
            result.Add((labels, [.. columns.TimestampsMs.ToArray().Zip(columns.Values.ToArray())]));
        }

        return result;
    }
}
