namespace PromHost.Tsdb.Tests;

public class MappedFileTests
{
    [Fact]
    public void Forget_LeavesTheBytesAsTheyAre()
    {
        using var folder = new TemporaryDirectory();
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(folder.PathOf("file"), bytes);
        using var map = folder.Open().Map("file", bytes.Length);
        foreach (var (offset, length) in new[] { (0, 100_000), (1, 99_998), (5000, 10), (4096, 4096), (100_000, 0) })
        {
            map.Forget(offset, length);
            Assert.True(map.Bytes.SequenceEqual(bytes));
        }
    }

    [Fact]
    public void Forget_RejectsWhatLiesOutside()
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllBytes(folder.PathOf("file"), new byte[10]);
        using var map = folder.Open().Map("file", 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Forget(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Forget(0, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Forget(5, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Forget(11, 0));
    }
}
