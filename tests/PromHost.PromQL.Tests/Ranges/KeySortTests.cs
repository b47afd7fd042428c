namespace PromHost.PromQL.Tests;

public sealed class KeySortTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(KeySort.RunLength)]
    [InlineData(KeySort.RunLength + 1)]
    [InlineData((3 * KeySort.RunLength) - 7)]
    [InlineData((4 * KeySort.RunLength) + 1)]
    public void Sort_SortsAsArraysAreSorted(int count)
    {
        var random = new Random(count);
        var keys = new long[count];
        for (var i = 0; i < count; i++) keys[i] = i % 3 == 0 ? random.Next(50) : random.NextInt64(long.MinValue, 100);
        long[] expected = [.. keys.Order()];
        var sort = new KeySort();

        sort.Sort(keys, TestContext.Current.CancellationToken);

        keys.AsSpan().SequenceEqual(expected).Should().BeTrue();
        keys.AsSpan().Reverse();
        sort.Sort(keys, TestContext.Current.CancellationToken);
        keys.AsSpan().SequenceEqual(expected).Should().BeTrue();
    }

    [Fact]
    public void Sort_Ends_WhenItIsCancelled()
    {
        var sort = () => new KeySort().Sort(new long[KeySort.RunLength + 1], new CancellationToken(canceled: true));

        sort.Should().Throw<OperationCanceledException>();
    }
}
