using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

public sealed class HistogramPoolTests
{
    private static readonly NativeHistogram s_histogram = Exponential("-2: 1 2 | 3: 4 0 5", count: 12, sum: 7.5);
    private static readonly NativeHistogram s_custom = Custom([1, 2.5], "0: 1 2 3", count: 6);

    private readonly HistogramPool _pool = new();

    [Fact]
    public void Copy_IsEqual_AndStaysWhileOthersAreTaken()
    {
        var copies = new List<NativeHistogram>();
        for (var i = 0; i < 2000; i++) copies.Add(_pool.Copy(i % 2 == 0 ? s_histogram : s_custom));
        for (var i = 0; i < copies.Count; i++)
            HistogramIdentity.AreEqual(copies[i], i % 2 == 0 ? s_histogram : s_custom).Should().BeTrue();
    }

    [Fact]
    public void Copy_WritesOverThoseBefore_OnceThePoolIsCleared()
    {
        var first = _pool.Copy(s_histogram);
        _pool.Clear();
        var second = _pool.Copy(s_custom);
        second.Should().BeSameAs(first);
        HistogramIdentity.AreEqual(second, s_custom).Should().BeTrue();
    }

    [Fact]
    public void Copy_AllocatesNothing_OnceThePoolHasGrown()
    {
        var accumulator = new HistogramAccumulator(new HistogramWorkspace());
        accumulator.Load(s_histogram);
        var before = 0L;
        for (var round = 0; round < 20; round++)
        {
            if (round == 10) before = GC.GetAllocatedBytesForCurrentThread();
            _pool.Clear();
            for (var i = 0; i < 500; i++)
            {
                _pool.Copy(s_histogram);
                _pool.Copy(accumulator);
                _pool.Copy(s_custom);
            }
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Fact]
    public void Copy_OfAnAccumulator_IsWhatItWasThen()
    {
        var accumulator = new HistogramAccumulator(new HistogramWorkspace());
        accumulator.Load(s_histogram);
        var copy = _pool.Copy(accumulator);
        accumulator.Add(s_histogram);
        HistogramIdentity.AreEqual(copy, s_histogram).Should().BeTrue();
    }

    [Fact]
    public void Own_CopiesOnlyThoseOfOthers()
    {
        var own = _pool.Own(s_histogram);
        own.Should().NotBeSameAs(s_histogram);
        _pool.Own(own).Should().BeSameAs(own);
        new HistogramPool().Own(own).Should().NotBeSameAs(own);
        // Its buckets are in the pool, but the pool does not know of it.
        _pool.Own(own.WithHint(CounterResetHint.Gauge)).CounterResetHint.Should().Be(CounterResetHint.Gauge);
        own.CounterResetHint.Should().Be(CounterResetHint.Unknown);
    }

    [Fact]
    public void RemoveBuckets_LeavesCountSumAndHint()
    {
        var own = _pool.Copy(s_histogram);
        _pool.SetHint(own, CounterResetHint.NotCounterReset);
        _pool.RemoveBuckets(own);
        (own.Schema, own.Count, own.Sum).Should().Be((s_histogram.Schema, 12, 7.5));
        own.CounterResetHint.Should().Be(CounterResetHint.NotCounterReset);
        own.PositiveCounts.IsEmpty.Should().BeTrue();
        s_histogram.PositiveCounts.Length.Should().Be(5);
    }

    [Fact]
    public void SetHint_Throws_WhenTheHistogramIsOfAnother()
    {
        var set = () => _pool.SetHint(s_histogram, CounterResetHint.Gauge);
        set.Should().Throw<ArgumentException>();
    }
}
