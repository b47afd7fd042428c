namespace PromHost.Tsdb.Tests;

public class RetentionTests
{
    [Theory]
    // Blocks end at 10, 20, 30, 40; the newest one is the measure.
    [InlineData(0, "")]
    [InlineData(31, "")]
    [InlineData(30, "10")]
    [InlineData(20, "10 20")]
    [InlineData(15, "10 20")]
    [InlineData(10, "10 20 30")]
    [InlineData(1, "10 20 30")]
    public void Judge_DropsBlocksThatEndTooLongBeforeTheNewest(long timeMs, string expected) =>
        Assert.Equal(expected, Text(new Retention(timeMs, 0, 0).Judge(Blocks(), 0, 0).ByTime));

    [Theory]
    // Each block has 100 bytes, the head 50.
    [InlineData(0, "")]
    [InlineData(450, "")]
    [InlineData(449, "10")]
    [InlineData(250, "10 20")]
    [InlineData(150, "10 20 30")]
    [InlineData(149, "10 20 30 40")]
    [InlineData(1, "10 20 30 40")]
    public void Judge_DropsTheOldestUntilTheRestFits(long sizeBytes, string expected) =>
        Assert.Equal(expected, Text(new Retention(0, sizeBytes, 0).Judge(Blocks(), 50, 1000).BySize));

    [Theory]
    [InlineData(45, 0, 1000, "")]
    [InlineData(44.9, 0, 1000, "10")]
    // The percentage goes before the size, unless the file system does not tell its own.
    [InlineData(25, 10_000, 1000, "10 20")]
    [InlineData(100, 1, 1000, "")]
    [InlineData(25, 10_000, 0, "")]
    [InlineData(25, 250, 0, "10 20")]
    public void Judge_TakesAPartOfTheFileSystem(double percentage, long sizeBytes, long diskBytes, string expected) =>
        Assert.Equal(expected, Text(new Retention(0, sizeBytes, percentage).Judge(Blocks(), 50, diskBytes).BySize));

    [Fact]
    public void Judge_KeepsAll_WhenThereIsNoBlockOrNoLimit()
    {
        Assert.Empty(new Retention(1, 1, 1).Judge([], 1000, 1000).All);
        Assert.Empty(new Retention(0, 0, 0).Judge(Blocks(), long.MaxValue, 1).All);
    }

    [Fact]
    public void Judge_NamesABlockOnce_WhenItIsTooOldAndTooMuch() =>
        Assert.Equal("10", Text(new Retention(30, 449, 0).Judge(Blocks(), 50, 1000).All));

    private static IEnumerable<RetainedBlock> Blocks() =>
        Enumerable.Range(1, 4).Select(i => new RetainedBlock(new Ulid(0, (ulong)i * 10), i * 10, 100));

    private static string Text(IEnumerable<Ulid> ids) => string.Join(' ', ids.Select(id => id.Low).Order());
}
