using Microsoft.Extensions.Logging.Abstractions;

namespace PromHost.Tsdb.Tests;

public sealed class BlockSetTests : IDisposable
{
    private const string Second = "01M7Z05TQB051MYM8R87EM6QZZ";

    private readonly TemporaryDirectory _folder = new();
    private readonly DataDirectory _directory;
    private readonly Epochs _epochs = new();
    private readonly BlockSet _blocks;

    public BlockSetTests()
    {
        _directory = _folder.Open();
        _blocks = new BlockSet(_directory, _epochs, NullLogger.Instance);
    }

    public void Dispose()
    {
        _blocks.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Load_OpensTheBlocks_AndReadsTheHeadFromTheirEnd()
    {
        GoldenBlock.CopyTo(_folder.Path);
        _blocks.Load();
        var block = _blocks.Current.Blocks.Should().ContainSingle().Subject;
        block.Path.Should().Be(GoldenBlock.Name);
        block.Range.Should().Be(new TimeInterval(GoldenBlock.MinTimeMs, GoldenBlock.MaxTimeMs - 1));
        _blocks.Current.HeadMinTimeMs.Should().Be(GoldenBlock.MaxTimeMs);
        var files = new DirectoryInfo(_folder.PathOf(GoldenBlock.Name));
        _blocks.Current.SizeBytes.Should().Be(
            files.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));
    }

    [Fact]
    public void Load_ReadsTheHeadFromItsBeginning_WhenBlocksHoldOnlyPartsOfTheirRange()
    {
        GoldenBlock.CopyTo(_folder.Path);
        Describe(GoldenBlock.Name, meta => meta with
        {
            Compaction = meta.Compaction with { Hints = [BlockCompaction.FromOutOfOrder] },
        });
        _blocks.Load();
        _blocks.Current.HeadMinTimeMs.Should().Be(long.MinValue);
    }

    [Fact]
    public void Load_RemovesWhatACrashHasLeft()
    {
        GoldenBlock.CopyTo(_folder.Path);
        foreach (var suffix in new[] { ".tmp", BlockSet.CreationSuffix, BlockSet.DeletionSuffix })
            Directory.CreateDirectory(_folder.PathOf(Second + suffix + "/chunks"));
        Directory.CreateDirectory(_folder.PathOf("other.tmp"));
        _blocks.Load();
        _directory.List("").Should().BeEquivalentTo(GoldenBlock.Name, "other.tmp");
    }

    [Fact]
    public void Load_DeletesParents_WhenTheirChildIsThere()
    {
        GoldenBlock.CopyTo(_folder.Path);
        CopyAs(Second, meta => meta with
        {
            Compaction = meta.Compaction with { Parents = [new BlockParent(IdOf(GoldenBlock.Name), 0, 0)] },
        });
        _blocks.Load();
        _blocks.Current.Blocks.Should().ContainSingle().Which.Path.Should().Be(Second);
        _directory.List("").Should().Equal(Second);
    }

    [Fact]
    public void Load_KeepsParents_WhenTheirChildIsDamaged()
    {
        GoldenBlock.CopyTo(_folder.Path);
        CopyAs(Second, meta => meta with
        {
            Compaction = meta.Compaction with { Parents = [new BlockParent(IdOf(GoldenBlock.Name), 0, 0)] },
        });
        File.WriteAllBytes(_folder.PathOf(Second + "/index"), new byte[100]);
        _blocks.Load();
        _blocks.Current.Blocks.Should().ContainSingle().Which.Path.Should().Be(GoldenBlock.Name);
        _blocks.UnreadableCount.Should().Be(1);
        _directory.List("promhost/quarantine").Should().Equal(Second);
    }

    [Theory]
    [InlineData("index")]
    [InlineData("chunks/000001")]
    public void Load_PutsABlockAside_WhenAFileOfItIsDamaged(string file)
    {
        GoldenBlock.CopyTo(_folder.Path);
        CopyAs(Second, meta => meta);
        File.WriteAllBytes(_folder.PathOf($"{Second}/{file}"), [1, 2, 3]);
        _blocks.Load();
        _blocks.Current.Blocks.Should().ContainSingle().Which.Path.Should().Be(GoldenBlock.Name);
        _blocks.UnreadableCount.Should().Be(1);
        File.ReadAllBytes(_folder.PathOf($"promhost/quarantine/{Second}/{file}")).Should().Equal(1, 2, 3);
    }

    [Theory]
    [InlineData(BlockMetaFile.FileName, true)]
    [InlineData(BlockMetaFile.FileName, false)]
    [InlineData(TombstonesFile.FileName, true)]
    public void Load_MendsABlock_WhenASmallFileOfItIsDamaged(string file, bool isThere)
    {
        GoldenBlock.CopyTo(_folder.Path);
        var before = BlockMetaFile.Read(_directory, $"{GoldenBlock.Name}/{BlockMetaFile.FileName}");
        var path = _folder.PathOf($"{GoldenBlock.Name}/{file}");
        if (isThere) File.WriteAllBytes(path, [1, 2, 3]);
        else File.Delete(path);
        _blocks.Load();
        var meta = _blocks.Current.Blocks.Should().ContainSingle().Which.Meta;
        _blocks.UnreadableCount.Should().Be(0);
        _directory.List("promhost/quarantine").Should().HaveCount(isThere ? 1 : 0);
        meta.Stats.Samples.Should().Be(before.Stats.Samples);
        meta.Stats.Series.Should().Be(before.Stats.Series);
        meta.Stats.Chunks.Should().Be(before.Stats.Chunks);
        meta.MinTimeMs.Should().BeGreaterThanOrEqualTo(before.MinTimeMs);
        meta.MaxTimeMs.Should().BeLessThanOrEqualTo(before.MaxTimeMs);
        BlockMetaFile.Read(_directory, $"{GoldenBlock.Name}/{BlockMetaFile.FileName}").Stats.Should().Be(meta.Stats);
        // The log's samples of its time are read as well: it may not have all of them.
        if (file == BlockMetaFile.FileName) _blocks.Current.HeadMinTimeMs.Should().Be(long.MinValue);
    }

    [Fact]
    public void Load_PutsABlockAside_WhenAChunkFileInTheMiddleIsMissing()
    {
        GoldenBlock.CopyTo(_folder.Path);
        File.Move(
            _folder.PathOf($"{GoldenBlock.Name}/chunks/000001"), _folder.PathOf($"{GoldenBlock.Name}/chunks/000002"));
        _blocks.Load();
        _blocks.Current.Blocks.Should().BeEmpty();
        _directory.List("promhost/quarantine").Should().Equal(GoldenBlock.Name);
    }

    [Fact]
    public void Load_LeavesABlockAlone_WhenItsIndexHasAVersionOfLongAgo()
    {
        GoldenBlock.CopyTo(_folder.Path);
        var index = File.ReadAllBytes(_folder.PathOf($"{GoldenBlock.Name}/index"));
        index[4] = 1;
        File.WriteAllBytes(_folder.PathOf($"{GoldenBlock.Name}/index"), index);
        _blocks.Load();
        _blocks.Current.Blocks.Should().BeEmpty();
        _blocks.UnreadableCount.Should().Be(1);
        _directory.List("").Should().Equal(GoldenBlock.Name);
    }

    [Fact]
    public async Task PublishAsync_ChangesAllInOneStep_AndRemovesBlocksOnlyWhenTheirReadersHaveLeft()
    {
        GoldenBlock.CopyTo(_folder.Path);
        _blocks.Load();
        var old = _blocks.Current.Blocks[0];
        var epoch = _epochs.Enter();
        var before = _blocks.Current;
        CopyAs(Second, meta => meta with { MinTimeMs = 5 });

        var removal = _blocks.PublishAsync([_blocks.Open(Second)], [old], headMinTimeMs: 7);
        _blocks.Current.Blocks.Should().ContainSingle().Which.Path.Should().Be(Second);
        _blocks.Current.HeadMinTimeMs.Should().Be(7);
        before.Blocks.Should().Equal(old);
        before.HeadMinTimeMs.Should().Be(GoldenBlock.MaxTimeMs);
        removal.IsCompleted.Should().BeFalse();
        _directory.List("").Should().Contain(GoldenBlock.Name);
        old.Index.Symbols.Get(1).Length.Should().BePositive();

        _epochs.Leave(epoch);
        await removal.WaitAsync(TestContext.Current.CancellationToken);
        _blocks.RemovedAsync().IsCompleted.Should().BeTrue();
        _directory.List("").Should().Equal(Second);
    }

    [Fact]
    public async Task PublishAsync_KeepsTheOrderOfTime_AndTheHeadsTime()
    {
        GoldenBlock.CopyTo(_folder.Path);
        _blocks.Load();
        CopyAs(Second, meta => meta with { MinTimeMs = meta.MinTimeMs - 1 });
        await _blocks.PublishAsync([_blocks.Open(Second)], []);
        _blocks.Current.Blocks.Select(block => block.Path).Should().Equal(Second, GoldenBlock.Name);
        _blocks.Current.HeadMinTimeMs.Should().Be(GoldenBlock.MaxTimeMs);
    }

    private static Ulid IdOf(string name) => Ulid.TryParse(name, out var id) ? id : throw new FormatException(name);

    private void CopyAs(string name, Func<BlockMeta, BlockMeta> change)
    {
        using var other = new TemporaryDirectory();
        GoldenBlock.CopyTo(other.Path);
        Directory.Move(other.PathOf(GoldenBlock.Name), _folder.PathOf(name));
        Describe(name, meta => change(meta with { Id = IdOf(name) }));
    }

    private void Describe(string name, Func<BlockMeta, BlockMeta> change)
    {
        var path = $"{name}/meta.json";
        BlockMetaFile.Write(_directory, path, change(BlockMetaFile.Read(_directory, path)));
    }
}
