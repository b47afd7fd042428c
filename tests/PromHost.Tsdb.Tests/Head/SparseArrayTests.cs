namespace PromHost.Tsdb.Tests;

public class SparseArrayTests
{
    [Fact]
    public void Place_LosesNothing_WhileOthersAddPages()
    {
        const int Threads = 4;
        const int Count = 20_000;
        var array = new SparseArray<object>(pageBits: 4);
        var values = Enumerable.Range(0, Threads * Count).Select(_ => new object()).ToArray();
        Parallel.For(0, Threads, thread =>
        {
            for (var i = thread; i < values.Length; i += Threads) Volatile.Write(ref array.Place(i), values[i]);
        });
        for (var i = 0; i < values.Length; i++) array[i].Should().BeSameAs(values[i]);
    }

    [Fact]
    public void SizeBytes_CountsPagesThatHoldSomething()
    {
        var array = new SparseArray<string>(pageBits: 4);
        array[1000].Should().BeNull();
        array.Clear(1000);
        array.SizeBytes.Should().Be(0);
        array.Place(1000) = "a";
        array.Place(1001) = "b";
        array.SizeBytes.Should().Be(16 * 8);
        array.Clear(1000);
        array[1000].Should().BeNull();
        array[1001].Should().Be("b");
        array.FreePage(1000);
        array.FreePage(5);
        array[1001].Should().BeNull();
        array.SizeBytes.Should().Be(0);
    }
}
