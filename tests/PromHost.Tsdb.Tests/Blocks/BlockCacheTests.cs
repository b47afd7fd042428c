using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public sealed class BlockCacheTests
{
    [Fact]
    public void Labels_AreFoundAgain()
    {
        using var cache = new BlockCache(new BlockCacheBudget(1 << 20));
        for (uint i = 1; i <= 1000; i++)
        {
            cache.TryGetLabels(i * 7, out _, out _).Should().BeFalse();
            cache.AddLabels(i * 7, Series(i), (int)i);
            cache.AddLabels(i * 7, Series(0), 0);
        }

        for (uint i = 1; i <= 1000; i++)
        {
            cache.TryGetLabels(i * 7, out var labels, out var chunks).Should().BeTrue();
            labels.Should().Be(Series(i));
            chunks.Should().Be((int)i);
        }
    }

    [Fact]
    public void Budget_IsKept_ByEmptyingTheCacheThatWasNotAskedForLongest()
    {
        var budget = new BlockCacheBudget(100_000);
        using var first = new BlockCache(budget);
        using var second = new BlockCache(budget);
        using var third = new BlockCache(budget);
        foreach (var cache in new[] { second, first, third })
        {
            cache.Touch();
            for (var i = 0; i < 4; i++) cache.AddPostings($"{i}", new uint[2500]);
            budget.UsedBytes.Should().BeLessThanOrEqualTo(100_000);
        }

        second.IsEmpty.Should().BeTrue();
        first.TryGetPostings("3", out _).Should().BeTrue();
        third.TryGetPostings("3", out var found).Should().BeTrue();
        found.Should().HaveCount(2500);
    }

    [Fact]
    public void Budget_GoesOnTakingIn_WhenOneCacheHasItAll()
    {
        var budget = new BlockCacheBudget(100_000);
        using var cache = new BlockCache(budget);
        for (var i = 0; i < 50; i++) cache.AddPostings($"{i}", new uint[3000]);
        cache.TryGetPostings("49", out _).Should().BeTrue();
        budget.UsedBytes.Should().BeLessThanOrEqualTo(100_000);
    }

    [Fact]
    public void Budget_RefusesWhatIsTooLarge_AndGetsEverythingBack()
    {
        var budget = new BlockCacheBudget(100_000);
        var cache = new BlockCache(budget);
        cache.AddPostings("large", new uint[20_000]);
        cache.TryGetPostings("large", out _).Should().BeFalse();
        cache.AddPostings("small", [1, 2]);
        cache.AddLabels(1, Series(1), 1);
        cache.Dispose();
        cache.AddLabels(2, Series(2), 2);
        cache.AddPostings("late", [1, 2]);
        budget.UsedBytes.Should().Be(0);
    }

    private static Labels Series(uint number) => TestDatabase.Series("m", ("number", $"{number}"));
}
