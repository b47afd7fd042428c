namespace PromHost.Tsdb.Tests;

public class SimulatedDataDirectoryTests
{
    [Fact]
    public void CutPower_LeavesWhatWasSynced_AndSomeSectorsOfTheRest()
    {
        var lengths = new HashSet<long>();
        var lost = new HashSet<int>();
        for (var seed = 0; seed < 200; seed++)
        {
            using var disk = new SimulatedDataDirectory();
            using var file = disk.Create("a");
            file.Write(Filled(5000, 1), 0);
            file.Sync();
            disk.SyncDirectory("");
            file.Write(Filled(3000, 2), 4000);

            disk.CutPower(new Random(seed));

            var content = ReadAll(disk, "a");
            lengths.Add(content.Length);
            content.Length.Should().BeInRange(5000, 7000);
            content[..4000].Should().OnlyContain(b => b == 1);
            content[4000..5000].Should().OnlyContain(b => b == 1 || b == 2);
            content[5000..].Except([(byte)0, (byte)2]).Should().BeEmpty();
            // Sectors are written whole.
            for (var i = 5120; i < content.Length; i += 512)
                content[i..Math.Min(content.Length, i + 512)].Distinct().Should().ContainSingle();
            lost.Add(content.Count(b => b == 2));
        }

        lengths.Should().Contain([5000L, 7000L]);
        lost.Count.Should().BeGreaterThan(10);
    }

    [Fact]
    public void CutPower_LosesNamesThatWereNotSynced_ButRenamesAsAWhole()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = 0; seed < 200; seed++)
        {
            using var disk = new SimulatedDataDirectory();
            disk.CreateDirectory("d/e");
            using (var file = disk.Create("d/synced")) file.Sync();
            disk.SyncDirectory("d");
            using (var file = disk.Create("d/new"))
            {
                file.Write([1], 0);
                file.Sync();
            }

            disk.Rename("d/synced", "d/e/moved");
            disk.Create("gone").Dispose();
            disk.Delete("gone");

            disk.CutPower(new Random(seed));

            (disk.FileExists("d/synced") ^ disk.FileExists("d/e/moved")).Should().BeTrue();
            if (disk.FileExists("d/new")) ReadAll(disk, "d/new").Should().Equal(1);
            var names = disk.List("").Concat(disk.List("d")).Concat(disk.List("d/e"));
            seen.Add(string.Join(' ', names.Order(StringComparer.Ordinal)));
        }

        // Each of the two names in d is there or not; "gone" may be back.
        seen.Should().HaveCount(8);
    }

    [Fact]
    public void Write_StopsWhereTheDiskIsFull_AndGoesOnWhenFilesAreDeleted()
    {
        using var disk = new SimulatedDataDirectory { CapacityBytes = 4 * 4096 };
        disk.Create("a").Dispose();
        using var file = disk.Create("b");
        using (var other = disk.OpenWrite("a")) other.Write(new byte[8192], 0);
        file.SetLength(1 << 30);
        disk.Space.Should().Be((8192L, 16384L), "holes take nothing");

        file.Invoking(f => f.Write(Filled(10_000, 7), 0)).Should().Throw<DiskFullException>();

        disk.Space.FreeBytes.Should().Be(0);
        disk.Delete("a");
        disk.Space.FreeBytes.Should().Be(8192);
        file.Write(Filled(10_000, 7), 0);
        var read = new byte[10_000];
        file.Read(read, 0).Should().Be(10_000);
        read.Should().OnlyContain(b => b == 7);
    }

    [Fact]
    public void Map_ShowsWhatIsWrittenLater_AndForbidsToCutTheFile()
    {
        using var disk = new SimulatedDataDirectory();
        using var file = disk.Create("a");
        file.SetLength(100_000);
        using (var map = disk.Map("a", 100_000))
        {
            file.Write([1, 2, 3], 70_000);
            disk.Delete("a");

            map.Bytes.Slice(70_000, 3).ToArray().Should().Equal(1, 2, 3);
            map.Bytes[99_999].Should().Be(0);
            file.Invoking(f => f.SetLength(99_999)).Should().Throw<InvalidOperationException>();
        }

        file.SetLength(10);
    }

    [Fact]
    public void Directory_RefusesWhatARealOneRefuses()
    {
        using var disk = new SimulatedDataDirectory();
        disk.Create("a").Dispose();

        disk.Invoking(d => d.Create("a")).Should().Throw<IOException>();
        disk.Invoking(d => d.Create("missing/a")).Should().Throw<DirectoryNotFoundException>();
        disk.Invoking(d => d.OpenRead("b")).Should().Throw<FileNotFoundException>();
        disk.Invoking(d => d.OpenWrite("missing/b")).Should().Throw<DirectoryNotFoundException>();
        disk.Invoking(d => d.SyncDirectory("missing")).Should().Throw<IOException>();
        disk.Invoking(d => d.Rename("b", "c")).Should().Throw<IOException>();
        disk.List("missing").Should().BeEmpty();
        disk.Delete("missing");
    }

    private static byte[] Filled(int count, byte value)
    {
        var bytes = new byte[count];
        Array.Fill(bytes, value);
        return bytes;
    }

    private static byte[] ReadAll(SimulatedDataDirectory disk, string path)
    {
        using var file = disk.OpenRead(path);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes;
    }
}
