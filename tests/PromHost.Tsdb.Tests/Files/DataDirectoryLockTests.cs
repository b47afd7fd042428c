namespace PromHost.Tsdb.Tests;

public sealed class DataDirectoryLockTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Acquire_SaysWhoHasTheDirectory_WhenItIsLocked()
    {
        using var first = DataDirectoryLock.Acquire(_temporary.Path);

        var act = () => DataDirectoryLock.Acquire(_temporary.Path);

        act.Should().Throw<DataDirectoryLockedException>();
    }

    [Fact]
    public void Acquire_Succeeds_AfterTheOwnerLetGo()
    {
        DataDirectoryLock.Acquire(_temporary.Path).Dispose();

        using var second = DataDirectoryLock.Acquire(_temporary.Path);

        second.IsCleanStart.Should().BeTrue();
    }

    [Fact]
    public void Acquire_BlamesNobody_WhenThePathIsAFile()
    {
        var path = System.IO.Path.Combine(_temporary.Path, "file");
        File.WriteAllText(path, "");

        var act = () => DataDirectoryLock.Acquire(path);

        act.Should().Throw<IOException>().WithMessage($"the data directory {path} cannot be written to: *")
            .Which.Should().NotBeOfType<DataDirectoryLockedException>();
    }

    [Fact]
    public void IsHeld_IsTrue_WhileThereIsAnOwner()
    {
        DataDirectoryLock.IsHeld(_temporary.Path).Should().BeFalse();
        using (DataDirectoryLock.Acquire(_temporary.Path))
            DataDirectoryLock.IsHeld(_temporary.Path).Should().BeTrue();
        DataDirectoryLock.IsHeld(System.IO.Path.Combine(_temporary.Path, "missing")).Should().BeFalse();
    }

    [Fact]
    public void IsHeld_Fails_WhenNobodyCanSay()
    {
        Directory.CreateDirectory(System.IO.Path.Combine(_temporary.Path, "lock"));

        var act = () => DataDirectoryLock.IsHeld(_temporary.Path);

        act.Should().Throw<IOException>().WithMessage("*lock*");
    }

    [Fact]
    public void Acquire_BlamesNobody_WhenTheLockCannotBeMade()
    {
        Directory.CreateDirectory(System.IO.Path.Combine(_temporary.Path, "lock"));

        var act = () => DataDirectoryLock.Acquire(_temporary.Path);

        act.Should().Throw<IOException>().WithMessage("*cannot be written to: *")
            .Which.Should().NotBeOfType<DataDirectoryLockedException>();
    }
}
