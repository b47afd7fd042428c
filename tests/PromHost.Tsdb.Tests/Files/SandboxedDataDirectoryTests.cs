namespace PromHost.Tsdb.Tests;

public sealed class SandboxedDataDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly TemporaryDirectory _sandboxRoot = new();
    private readonly DataDirectory _original;
    private readonly SandboxedDataDirectory _directory;

    public SandboxedDataDirectoryTests()
    {
        _original = new DataDirectory(_folder.Path);
        _directory = new SandboxedDataDirectory(_original, _sandboxRoot.Path);
        _original.CreateDirectory("wal");
        Write(_original, "wal/1", "first");
        Write(_original, "wal/2", "second");
    }

    public void Dispose()
    {
        _directory.Dispose();
        Directory.EnumerateFileSystemEntries(_sandboxRoot.Path).Should().BeEmpty();
        Read(_original, "wal/1").Should().Be("first");
        Read(_original, "wal/2").Should().Be("second");
        _original.List("").Should().Equal("wal");
        _original.List("wal").Should().BeEquivalentTo("1", "2");
        _folder.Dispose();
        _sandboxRoot.Dispose();
    }

    [Fact]
    public void Create_MakesNothing_InTheOriginal()
    {
        _directory.CreateDirectory("wbl");
        Write(_directory, "wbl/1", "late");

        Read(_directory, "wbl/1").Should().Be("late");
        _directory.List("").Should().BeEquivalentTo("wal", "wbl");
        _directory.List("wbl").Should().Equal("1");
        FluentActions.Invoking(() => _directory.Create("wal/1")).Should().Throw<IOException>();
    }

    [Fact]
    public void SetLength_CutsWhatIsSeen()
    {
        using (var file = _directory.OpenWrite("wal/1"))
        {
            file.SetLength(2);
            file.Length.Should().Be(2);
        }

        Read(_directory, "wal/1").Should().Be("fi");
        using var map = _directory.Map("wal/1", 5);
        map.LengthBytes.Should().Be(2);
    }

    [Fact]
    public void Write_CopiesTheFile_CutOrNot()
    {
        using (var file = _directory.OpenWrite("wal/2"))
        {
            file.SetLength(3);
            file.Write("X"u8, 1);
            file.Length.Should().Be(3);
        }

        Read(_directory, "wal/2").Should().Be("sXc");
        using var again = _directory.OpenWrite("wal/2");
        again.Write("!"u8, 3);
        Read(_directory, "wal/2").Should().Be("sXc!");
    }

    [Fact]
    public void Delete_HidesFilesAndDirectories()
    {
        _directory.Delete("wal/1");
        _directory.List("wal").Should().Equal("2");
        _directory.FileExists("wal/1").Should().BeFalse();
        FluentActions.Invoking(() => _directory.OpenRead("wal/1")).Should().Throw<FileNotFoundException>();

        _directory.Delete("wal");
        _directory.List("").Should().BeEmpty();
        _directory.List("wal").Should().BeEmpty();
        _directory.FileExists("wal/2").Should().BeFalse();

        _directory.CreateDirectory("wal");
        Write(_directory, "wal/1", "new");
        _directory.List("wal").Should().Equal("1");
        Read(_directory, "wal/1").Should().Be("new");
    }

    [Fact]
    public void Rename_MovesDirectories_AndLinkGivesASecondName()
    {
        _directory.Rename("wal", "promhost/quarantine/wal");
        _directory.Link("promhost/quarantine/wal/1", "copy");

        _directory.List("").Should().BeEquivalentTo("promhost", "copy");
        _directory.List("promhost/quarantine/wal").Should().BeEquivalentTo("1", "2");
        Read(_directory, "promhost/quarantine/wal/2").Should().Be("second");
        Read(_directory, "copy").Should().Be("first");
    }

    [Fact]
    public void Rename_ReplacesAFile()
    {
        Write(_directory, "new", "third");
        _directory.Rename("new", "wal/1");

        Read(_directory, "wal/1").Should().Be("third");
        _directory.List("").Should().Equal("wal");
    }

    [Fact]
    public void CopyIn_KeepsContentAndHoles()
    {
        using (var file = _original.OpenWrite("wal/1"))
        {
            file.SetLength(200_000);
            file.Write("end"u8, 190_000);
        }

        _directory.CopyIn("wal/1");
        using (var file = _original.OpenWrite("wal/1")) file.SetLength(5);

        var copy = Read(_directory, "wal/1");
        copy.Should().HaveLength(200_000).And.StartWith("first\0");
        copy.Substring(190_000, 3).Should().Be("end");
    }

    private static void Write(IDataDirectory directory, string path, string text)
    {
        using var file = directory.Create(path);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text), 0);
    }

    private static string Read(IDataDirectory directory, string path)
    {
        using var file = directory.OpenRead(path);
        var bytes = new byte[file.Length];
        file.ReadFully(bytes, 0).Should().Be(bytes.Length);
        return System.Text.Encoding.ASCII.GetString(bytes);
    }
}
