namespace PromHost.PromQL.Tests;

public sealed class QueryMemoryPoolTests
{
    private readonly QueryMemoryPool _pool = new(limitBytes: 1000, concurrency: 5);
    private readonly List<string> _ended = [];

    [Fact]
    public void Hold_IsGranted_BelowBothLimits()
    {
        var query = Open("a", limit: 500);

        query.Hold(500).Should().Be(MemoryVerdict.Granted);
        query.Hold(1).Should().Be(MemoryVerdict.QueryIsFull);
        query.HeldBytes.Should().Be(500);
        query.PeakBytes.Should().Be(500);
        _pool.HeldBytes.Should().Be(500);
    }

    [Fact]
    public void Hold_RefusesTheLargeOne_WhenThePoolIsFull()
    {
        Open("a").Hold(500);

        Open("b").Hold(501).Should().Be(MemoryVerdict.PoolIsFull);

        _ended.Should().BeEmpty();
    }

    [Fact]
    public void Hold_EndsTheLargest_WhenASmallOneFindsThePoolFull()
    {
        Open("a").Hold(400);
        Open("b").Hold(590);

        Open("c").Hold(20).Should().Be(MemoryVerdict.Granted);
        Open("d").Hold(20).Should().Be(MemoryVerdict.Granted, "what b holds is on its way back");

        _ended.Should().Equal("b");
    }

    [Fact]
    public void Hold_EndsTheNextOne_WhenThatIsNotEnough()
    {
        Open("a").Hold(590);
        Open("b").Hold(400);
        Open("c").Hold(20);
        _ended.Should().Equal("a");

        Open("r", QueryPriority.Rule).Hold(600).Should().Be(MemoryVerdict.Granted);

        _ended.Should().Equal("a", "b");
    }

    [Fact]
    public void Hold_RefusesSmallOnesToo_WhenThePoolIsFarOver()
    {
        Open("a").Hold(1000);
        for (var i = 0; i < 5; i++) Open("small").Hold(50).Should().Be(MemoryVerdict.Granted);

        Open("last").Hold(50).Should().Be(MemoryVerdict.PoolIsFull);
    }

    [Fact]
    public void Hold_NeverEndsARule()
    {
        Open("rule", QueryPriority.Rule).Hold(900);
        Open("a").Hold(90);

        Open("other", QueryPriority.Rule).Hold(100).Should().Be(MemoryVerdict.Granted);
        Open("third", QueryPriority.Rule).Hold(100).Should().Be(MemoryVerdict.PoolIsFull);

        _ended.Should().Equal("a");
    }

    [Fact]
    public void Dispose_GivesEverythingBack()
    {
        var query = Open("a");
        query.Hold(300);
        query.KeepOnly(100);
        _pool.HeldBytes.Should().Be(100);

        query.Dispose();
        query.Dispose();

        _pool.HeldBytes.Should().Be(0);
    }

    private QueryMemory Open(string name, QueryPriority priority = QueryPriority.User, long limit = 10_000) =>
        _pool.Open(limit, priority, () => _ended.Add(name));

    private QueryMemory Open(string name, long limit) => Open(name, QueryPriority.User, limit);
}
