using PromHost.Chunks;

namespace PromHost.Tsdb.Tests;

public class SeriesAppenderTests
{
    private const long Start = 1_600_000_000_000 / 7_200_000 * 7_200_000;
    private readonly Head _head = new(7_200_000);

    // What Prometheus 3.5 makes of the same samples: at 30 samples it looks how many chunks of 120 fit until the end
    // of the 2 h and makes them equally long.
    [Theory]
    [InlineData(15_000, new[] { 120, 120, 120, 120, 120 })]
    [InlineData(60_000, new[] { 120, 120, 120 })]
    [InlineData(20_000, new[] { 120, 120, 120, 120 })]
    [InlineData(70_000, new[] { 103, 103, 103 })]
    public void Append_CutsChunksOfEqualLength_WithinTheBlock(int intervalMs, int[] expected)
    {
        var counts = Append(1000, i => Start + ((long)i * intervalMs), _ => 1);
        counts.Take(expected.Length).Should().Equal(expected);
    }

    [Fact]
    public void Append_CutsAt240Samples_WhenTheyComeFasterThanPredicted()
    {
        // A slow quarter predicts a late end, then they come every millisecond.
        var counts = Append(1000, i => Start + (i < 30 ? i * 15_000L : (30 * 15_000L) + i), _ => 1);
        counts[0].Should().Be(240);
    }

    [Fact]
    public void Append_CutsBySize_WhenValuesDoNotCompress()
    {
        var random = new Random(1);
        Append(
            1000,
            i => Start + (i * 1000L),
            _ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MaxValue / 2)));
        foreach (var chunk in _head.Store.Mapped(1).AsSpan(0, _head.Store.State(1).MappedCount))
        {
            var length = _head.FullChunks.Read(chunk.Reference).Length;
            length.Should().BeLessThanOrEqualTo(1024);
        }
    }

    [Fact]
    public void Append_CutsAtTheBorderOfTheBlock_AlsoBeforeTheEpoch()
    {
        var counts = Append(100, i => -7_200_000 + (i * 144_000L), _ => 1);
        counts[0].Should().Be(50);
    }

    private List<int> Append(int count, Func<int, long> time, Func<int, double> value)
    {
        _head.Table.GetOrAdd(TestDatabase.Series("m"), []);
        _head.Appender.Begin(0, 0);
        for (var i = 0; i < count; i++) _head.Appender.Append(1, time(i), value(i));
        var counts = new List<int>();
        foreach (var chunk in _head.Store.Mapped(1).AsSpan(0, _head.Store.State(1).MappedCount))
        {
            XorChunkDecoder.TryReadCount(_head.FullChunks.Read(chunk.Reference), out var samples).Should().BeTrue();
            counts.Add(samples);
        }

        (counts.Sum() + _head.Store.State(1).Encoder.Count).Should().Be(count);
        return counts;
    }
}
