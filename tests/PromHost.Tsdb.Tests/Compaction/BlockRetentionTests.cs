using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public sealed class BlockRetentionTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly DataDirectory _directory;
    private readonly Epochs _epochs = new();
    private readonly BlockSet _blocks;
    private readonly CompactionMetrics _metrics = new(TimeProvider.System);

    public BlockRetentionTests()
    {
        _directory = _folder.Open();
        _blocks = new BlockSet(_directory, _epochs, NullLogger.Instance);
        var writer = new BlockWriter(_directory, TimeProvider.System, new Random(1));
        foreach (var end in new[] { 10, 20, 30 })
        {
            using var source = new ListChunkSource(
                (Labels.FromPairs(("__name__", "a")), [ListChunkSource.Chunk((end - 1, 1))]));
            var options = new BlockWriteOptions { MinTimeMs = end - 10, MaxTimeMs = end };
            var meta = writer.Write(source, options, CancellationToken.None)!;
            _ = _blocks.PublishAsync([_blocks.Open(meta.Id.ToString())], []);
        }
    }

    public void Dispose()
    {
        // What is deleted is deleted behind the queries.
        _blocks.RemovedAsync().Wait();
        _blocks.Dispose();
        _metrics.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Apply_DeletesBlocksThatAreTooOld_WhenNobodyReadsThemAnyMore()
    {
        var reader = _epochs.Enter();
        Apply(new Retention(20, 0, 0));
        Assert.Equal([20L, 30L], Ends());
        Assert.Equal(3, _directory.List("").Count);
        _epochs.Leave(reader);
        await _blocks.RemovedAsync();
        Assert.Equal(2, _directory.List("").Count);
        Apply(new Retention(20, 0, 0));
        Assert.Equal([20L, 30L], Ends());
    }

    [Fact]
    public void Apply_CountsTheHeadsFiles_LikePrometheus()
    {
        var blockBytes = _blocks.Current.SizeBytes;
        foreach (var path in new[] { "wal/checkpoint.00000001", "wbl", "chunks_head", "promhost" })
            Directory.CreateDirectory(_folder.PathOf(path));
        // All but the last count.
        var files = new[] { "wal/00000002", "wal/checkpoint.00000001/00000000", "wbl/00000000", "chunks_head/000001" };
        foreach (var file in files) File.WriteAllBytes(_folder.PathOf(file), new byte[1000]);
        File.WriteAllBytes(_folder.PathOf("promhost/image"), new byte[100_000]);
        Apply(new Retention(0, blockBytes + 4000, 0));
        Assert.Equal([10L, 20L, 30L], Ends());
        Apply(new Retention(0, blockBytes + 3999, 0));
        Assert.Equal([20L, 30L], Ends());
    }

    [Fact]
    public void Apply_TakesAPartOfTheDisk()
    {
        Apply(new Retention(0, 1, 99.9));
        Assert.Equal([10L, 20L, 30L], Ends());
        Apply(new Retention(0, 0, 1e-8));
        Assert.Empty(Ends());
    }

    private void Apply(Retention retention) =>
        new BlockRetention(_directory, _blocks, retention, _metrics, NullLogger.Instance).Apply();

    private IEnumerable<long> Ends() => _blocks.Current.Blocks.Select(block => block.Meta.MaxTimeMs);
}
