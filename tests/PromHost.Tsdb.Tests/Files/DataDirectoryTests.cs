namespace PromHost.Tsdb.Tests;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Write_ThrowsDiskFull_WhenTheDeviceHasNoSpace()
    {
        if (!File.Exists("/dev/full"))
            return;
        File.CreateSymbolicLink(_temporary.PathOf("full"), "/dev/full");
        using var file = _temporary.Open().OpenWrite("full");

        var act = () => file.Write(new byte[10], 0);

        act.Should().Throw<DiskFullException>();
    }

    [Fact]
    public void Map_ShowsWhatIsWrittenLater_AndOutlivesTheFilesName()
    {
        var directory = _temporary.Open();
        using var file = directory.Create("a");
        file.SetLength(100_000);
        using var map = directory.Map("a", 100_000);

        file.Write([1, 2, 3], 70_000);
        directory.Delete("a");

        map.Bytes.Slice(70_000, 3).ToArray().Should().Equal(1, 2, 3);
        map.Bytes[99_999].Should().Be(0);
    }

    [Fact]
    public void Create_Throws_WhenTheFileExists()
    {
        var directory = _temporary.Open();
        directory.Create("a").Dispose();

        var act = () => directory.Create("a");

        act.Should().Throw<IOException>();
    }

    [Fact]
    public void RenameAndLinkAndDelete_DoWhatTheyAreNamedAfter()
    {
        var directory = _temporary.Open();
        directory.CreateDirectory("x/y");
        File.WriteAllText(_temporary.PathOf("x/one"), "1");
        File.WriteAllText(_temporary.PathOf("x/two"), "2");

        directory.Link("x/one", "x/y/linked");
        directory.Rename("x/two", "x/one");
        directory.SyncDirectory("x");
        directory.Rename("x/y", "x/z");

        File.ReadAllText(_temporary.PathOf("x/one")).Should().Be("2");
        File.ReadAllText(_temporary.PathOf("x/z/linked")).Should().Be("1");
        directory.List("x").Should().BeEquivalentTo("one", "z");
        directory.Delete("x");
        directory.Delete("x");
        directory.List("x").Should().BeEmpty();
    }

    [Fact]
    public void SyncDirectory_Throws_WhenThereIsNone()
    {
        var act = () => _temporary.Open().SyncDirectory("missing");
        act.Should().Throw<IOException>();
    }

    [Fact]
    public void Lock_KeepsASecondOwnerOut_AndTellsOfACrash()
    {
        using (var first = DataDirectoryLock.Acquire(_temporary.Path))
        {
            first.IsCleanStart.Should().BeTrue();
            var act = () => DataDirectoryLock.Acquire(_temporary.Path);
            act.Should().Throw<DataDirectoryLockedException>();
        }

        File.Exists(_temporary.PathOf("lock")).Should().BeFalse();
        File.WriteAllText(_temporary.PathOf("lock"), "");
        using var second = DataDirectoryLock.Acquire(_temporary.Path);
        second.IsCleanStart.Should().BeFalse();
    }

    [Fact]
    public void ForeignHeadState_IsRemoved_AndNothingElse()
    {
        foreach (var name in (string[])["chunk_snapshot.000012.0000123", "wal", "chunks_head"])
            Directory.CreateDirectory(_temporary.PathOf(name));
        File.WriteAllText(_temporary.PathOf("chunk_snapshot.000012.0000123/000001"), "x");
        File.WriteAllText(_temporary.PathOf("wal/series_state.json"), "{}");
        File.WriteAllText(_temporary.PathOf("wal/00000000"), "");

        var removed = ForeignHeadState.Remove(_temporary.Open());

        removed.Should().BeEquivalentTo("chunk_snapshot.000012.0000123", "wal/series_state.json");
        _temporary.Open().List("").Should().BeEquivalentTo("wal", "chunks_head");
        _temporary.Open().List("wal").Should().BeEquivalentTo("00000000");
        ForeignHeadState.Remove(_temporary.Open()).Should().BeEmpty();
    }
}
