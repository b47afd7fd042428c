using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class BlockCompactorTests : IDisposable
{
    private static readonly Labels A = Labels.FromPairs(("__name__", "a"));
    private static readonly Labels B = Labels.FromPairs(("__name__", "b"), ("x", "1"));

    private readonly TemporaryDirectory _folder = new();
    private readonly SteppedTimeProvider _clock = new();
    private readonly CompactionMetrics _metrics;
    private readonly FaultyDataDirectory _directory;
    private readonly BlockWriter _writer;
    private BlockSet _blocks;
    private BlockCompactor _compactor;

    public BlockCompactorTests()
    {
        _metrics = new CompactionMetrics(_clock);
        _directory = new FaultyDataDirectory(_folder.Open());
        _writer = new BlockWriter(_directory, _clock, new Random(1));
        (_blocks, _compactor) = Open();
    }

    private IReadOnlyList<Block> Blocks => _blocks.Current.Blocks;

    public void Dispose()
    {
        _blocks.Dispose();
        _metrics.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task TryCompactNext_MakesOneBlockOfThree_AndDeletesThem()
    {
        foreach (var start in new[] { 0, 20, 40, 60 }) Add(start, start + 20, start, start + 7);
        var before = Content();
        var parents = Blocks.Take(3).ToList();
        Assert.True(TryCompactNext());
        Assert.False(TryCompactNext());
        await _blocks.RemovedAsync();

        Assert.Equal(before, Content());
        var meta = Blocks[0].Meta;
        Assert.Equal((0, 60, 2), (meta.MinTimeMs, meta.MaxTimeMs, meta.Compaction.Level));
        Assert.Equal(parents.Select(parent => parent.Meta.Id), meta.Compaction.Parents.Select(parent => parent.Id));
        Assert.Equal(parents.Select(parent => parent.Meta.Id).Order(), meta.Compaction.Sources);
        Assert.Equal(new BlockStats(12, 2, 6) { FloatSamples = 12 }, meta.Stats);
        AssertOnDisk();
        Assert.Equal((1, 0, 0), (_metrics.Runs, _metrics.Vertical, _metrics.Failed));
    }

    [Fact]
    public async Task TryCompactNext_MergesOverlappingBlocks()
    {
        Add(0, 20, 1, 5, 9);
        Add(0, 20, 3, 5, 11);
        Assert.True(TryCompactNext());
        Assert.False(TryCompactNext());
        await _blocks.RemovedAsync();
        Assert.Equal([1, 3, 5, 9, 11], Content()[A.ToString()].Select(sample => sample.TimeMs));
        Assert.Equal(1, _metrics.Vertical);
        AssertOnDisk();
    }

    [Fact]
    public async Task TryCompactNext_RewritesABlock_WhenMuchOfItIsDeleted()
    {
        Add(0, 60, 1, 30, 59);
        Add(60, 80, 61);
        var old = Blocks[0];
        old.Replace(Deleted(old, new TimeInterval(20, 40)));
        Assert.True(TryCompactNext());
        await _blocks.RemovedAsync();
        Assert.Equal([1, 59, 61], Content()[A.ToString()].Select(sample => sample.TimeMs));
        Assert.Equal([old.Meta.Id], Blocks[0].Meta.Compaction.Parents.Select(parent => parent.Id));
        AssertOnDisk();
    }

    [Fact]
    public async Task TryCompactNext_LeavesNoBlock_WhenAllOfItIsDeleted()
    {
        Add(0, 60, 1, 30);
        Add(60, 80, 61);
        Blocks[0].Replace(Deleted(Blocks[0], new TimeInterval(0, 100)));
        Assert.True(TryCompactNext());
        await _blocks.RemovedAsync();
        Assert.Equal([61], Content()[A.ToString()].Select(sample => sample.TimeMs));
        AssertOnDisk();
    }

    [Fact]
    public async Task TryCompactNext_LeavesDamagedBlocksAsTheyAre_AndGoesOnWithOthers()
    {
        foreach (var start in new[] { 0, 20, 40, 60, 80, 100, 120 }) Add(start, start + 20, start, start + 7);
        Damage(Blocks[1]);
        var ids = Blocks.Select(block => block.Meta.Id).ToList();
        Assert.True(TryCompactNext());
        Assert.Equal(1, _metrics.Failed);
        Assert.Equal(ids, Blocks.Select(block => block.Meta.Id));
        Assert.Equal(ids.Take(3), Blocks.Where(block => block.Meta.Compaction.IsFailed).Select(block => block.Meta.Id));
        Assert.True(TryCompactNext());
        Assert.False(TryCompactNext());
        await _blocks.RemovedAsync();
        Assert.Equal(ids.Take(3), Blocks.Take(3).Select(block => block.Meta.Id));
        Assert.Equal((60, 120), (Blocks[3].Meta.MinTimeMs, Blocks[3].Meta.MaxTimeMs));
        AssertOnDisk();
    }

    [Fact]
    public async Task TryCompactNext_LeavesNothingBehind_WhenTheDiskIsFull()
    {
        foreach (var start in new[] { 0, 20, 40, 60 }) Add(start, start + 20, start, start + 7);
        var before = Content();
        foreach (var free in Enumerable.Range(0, 40).Select(i => 20L * i))
        {
            _directory.FreeBytes = free;
            Assert.Throws<DiskFullException>(() => TryCompactNext());
            AssertOnDisk();
        }

        Assert.Equal(before, Content());
        Assert.DoesNotContain(Blocks, block => block.Meta.Compaction.IsFailed);
        _directory.FreeBytes = long.MaxValue;
        Assert.True(TryCompactNext());
        await _blocks.RemovedAsync();
        Assert.Equal(before, Content());
    }

    [Fact]
    public void TryCompactNext_LeavesNothingBehind_WhenItIsCancelled()
    {
        foreach (var start in new[] { 0, 20, 40, 60 }) Add(start, start + 20, start, start + 7);
        var before = Content();
        using var cancellation = new CancellationTokenSource();
        // In the midst of writing.
        _directory.BeforeSync = cancellation.Cancel;
        Assert.ThrowsAny<OperationCanceledException>(() => TryCompactNext(token: cancellation.Token));
        AssertOnDisk();
        _directory.BeforeSync = null;
        using var second = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => TryCompactNext(second.Cancel, second.Token));
        AssertOnDisk();
        Assert.Equal(before, Content());
    }

    [Fact]
    public async Task TryCompactNext_KeepsABlockThatAppears_WhileItPauses()
    {
        foreach (var start in new[] { 0, 20, 40, 60 }) Add(start, start + 20, start, start + 7);
        var isAdded = false;
        Assert.True(TryCompactNext(() =>
        {
            // Overlaps a parent.
            if (!isAdded) Add(20, 40, 21, 33);
            isAdded = true;
        }));
        Assert.Equal([(0, 60), (20, 40), (60, 80)], Blocks.Select(b => (b.Meta.MinTimeMs, b.Meta.MaxTimeMs)));
        Assert.True(TryCompactNext());
        Assert.False(TryCompactNext());
        await _blocks.RemovedAsync();
        Assert.Equal([(0, 60), (60, 80)], Blocks.Select(b => (b.Meta.MinTimeMs, b.Meta.MaxTimeMs)));
        Assert.Equal(
            [0, 7, 20, 21, 27, 33, 40, 47, 60, 67], Content()[A.ToString()].Select(sample => sample.TimeMs));
        AssertOnDisk();
    }

    [Fact]
    public async Task TryCompactNext_DoesNotBlameTheParents_WhenThePauseFails()
    {
        foreach (var start in new[] { 0, 20, 40, 60 }) Add(start, start + 20, start, start + 7);
        var before = Content();
        foreach (var error in new Exception[] { new StorageReadException("other"), new CorruptDataException("other") })
        {
            var thrown = Assert.Throws<IOException>(() => TryCompactNext(() => throw error));
            Assert.Same(error, thrown.InnerException);
            AssertOnDisk();
        }

        Assert.DoesNotContain(Blocks, block => block.Meta.Compaction.IsFailed);
        Assert.Equal(0, _metrics.Failed);
        Assert.True(TryCompactNext());
        await _blocks.RemovedAsync();
        Assert.Equal(before, Content());
    }

    [Fact]
    public async Task TryCompactNext_KeepsEverySampleOnce_WhereverItIsKilled()
    {
        foreach (var start in new[] { 0, 20, 40, 60 }) Add(start, start + 20, start, start + 7);
        Add(60, 80, 62, 70);
        var before = Content();
        var backup = new TemporaryDirectory();
        CopyAll(_folder.Path, backup.Path);
        var kill = 0;
        for (var isFinished = false; !isFinished; kill++)
        {
            _blocks.Dispose();
            Directory.Delete(_folder.Path, recursive: true);
            CopyAll(backup.Path, _folder.Path);
            var directory = new FaultyDataDirectory(_folder.Open()) { KillAtChange = kill };
            isFinished = await TryCompactAllAsync(directory);
            (_blocks, _compactor) = Open();
            Assert.Equal(before, Content());
            AssertOnDisk();
        }

        Assert.True(kill > 20);
        backup.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Tombstones Deleted(Block block, TimeInterval interval)
    {
        var builder = new TombstonesBuilder(block.Tombstones);
        var postings = block.Index.Postings.Get(block.Index.Postings.CheckAll());
        for (var i = 0; i < postings.Count; i++) builder.Add(postings[i], interval);
        return builder.Build();
    }

    private static void CopyAll(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Join(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private (BlockSet Blocks, BlockCompactor Compactor) Open(IDataDirectory? directory = null)
    {
        directory ??= _directory;
        var blocks = new BlockSet(directory, new Epochs(), NullLogger.Instance);
        blocks.Load();
        var writer = new BlockWriter(directory, _clock, new Random(2));
        var newBlocks = new NewBlocks(
            directory, blocks, writer, ChunkRules.Merged, _metrics, NullLogger.Instance);
        var planner = new CompactionPlanner(20, 60);
        return (blocks, new BlockCompactor(blocks, newBlocks, planner, _metrics, NullLogger.Instance, _clock));
    }

    // Returns false when the process was killed.
    private async Task<bool> TryCompactAllAsync(IDataDirectory directory)
    {
        BlockSet? blocks = null;
        try
        {
            (blocks, var compactor) = Open(directory);
            while (compactor.TryCompactNext(static () => { }, Token))
            {
            }

            await blocks.RemovedAsync();
            return true;
        }
        catch (SimulatedCrashException)
        {
            return false;
        }
        finally
        {
            blocks?.Dispose();
        }
    }

    private bool TryCompactNext(Action? pause = null, CancellationToken? token = null) =>
        _compactor.TryCompactNext(pause ?? (static () => { }), token ?? Token);

    private void Add(long minTimeMs, long maxTimeMs, params long[] timesMs)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var chunk = ListChunkSource.Chunk([.. timesMs.Select(time => (time, (double)time))]);
        using var source = new ListChunkSource((A, [chunk]), (B, [chunk]));
        var options = new BlockWriteOptions { MinTimeMs = minTimeMs, MaxTimeMs = maxTimeMs };
        var meta = _writer.Write(source, options, Token)!;
        _ = _blocks.PublishAsync([_blocks.Open(meta.Id.ToString())], [], maxTimeMs);
    }

    private void Damage(Block block)
    {
        var path = _folder.PathOf($"{block.Path}/chunks/000001");
        var bytes = File.ReadAllBytes(path);
        bytes[^5] ^= 1;
        // In place: the file is mapped.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
        file.Write(bytes);
    }

    // The samples of each series in all blocks, sorted; a sample that is in two blocks is there twice.
    private Dictionary<string, List<(long TimeMs, double Value)>> Content()
    {
        var content = new Dictionary<string, List<(long TimeMs, double Value)>>(StringComparer.Ordinal);
        foreach (var block in Blocks)
        {
            using var source = new BlockChunkSource(block);
            foreach (var (labels, chunks) in ListChunkSource.ReadAll(source))
            {
                if (!content.TryGetValue(labels.ToString(), out var samples)) content[labels.ToString()] = samples = [];
                samples.AddRange(ListChunkSource.Samples(chunks));
            }
        }

        foreach (var samples in content.Values) samples.Sort();
        return content;
    }

    private void AssertOnDisk() => Assert.Equal(
        Blocks.Select(block => block.Path).Order(StringComparer.Ordinal),
        _directory.List("").Order(StringComparer.Ordinal));
}
