using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

public sealed class StorageMemoryTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task GetMemoryUse_CountsWhatSeriesNeed()
    {
        await using var database = await OpenAsync(
            _root.Open(), options => options with { WalCompression = WalCompression.Snappy });
        var before = database.GetMemoryUse();
        for (var i = 0; i < 5000; i++) await database.AppendAsync((Series("up", ("i", $"{i:D40}")), 1, 1));

        var after = database.GetMemoryUse();

        after.Select(part => part.Name).Should().Equal(before.Select(part => part.Name)).And.OnlyHaveUniqueItems();
        foreach (var name in new[] { "series", "labels", "postings", "openChunks" })
            Of(after, name).Should().BeGreaterThan(Of(before, name), name);
        Of(after, "labels").Should().BeGreaterThan(5000 * 40);
        Of(after, "walBuffers").Should().BePositive();

        static long Of(IReadOnlyList<Storage.MemoryUse> parts, string name) =>
            parts.Single(part => string.Equals(part.Name, name, StringComparison.Ordinal)).Bytes;
    }
}
