namespace PromHost.Tsdb.Tests;

public class ChunkBuffersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void TakeAndReturn_NeverGiveABlockTwice_AndMergeWhatIsFree(int seed)
    {
        var random = new Random(seed);
        var buffers = new ChunkBuffers();
        var taken = new List<(uint Handle, int Order, byte Mark)>();
        for (var step = 0; step < 20_000; step++)
        {
            if (taken.Count > 0 && random.Next(100) < (step < 10_000 ? 40 : 60))
            {
                var index = random.Next(taken.Count);
                var (handle, order, mark) = taken[index];
                buffers.Get(handle, order).IndexOfAnyExcept(mark).Should().Be(-1);
                buffers.Return(handle, order);
                taken.RemoveAt(index);
            }
            else
            {
                var order = random.Next(ChunkBuffers.MinOrder, ChunkBuffers.MaxOrder + 1);
                var handle = buffers.Take(order);
                handle.Should().NotBe(0);
                var mark = (byte)step;
                buffers.Get(handle, order).Fill(mark);
                taken.Add((handle, order, mark));
            }
        }

        foreach (var (handle, order, _) in taken) buffers.Return(handle, order);
        var size = buffers.SizeBytes;

        // All is merged again: it holds as many largest blocks as there are, but the one never used.
        for (var i = 0; i < (size >> ChunkBuffers.MaxOrder) - 1; i++) buffers.Take(ChunkBuffers.MaxOrder);
        buffers.SizeBytes.Should().Be(size);
    }

    [Fact]
    public void Return_GivesSlabsBack_WhenACrowdHasGone()
    {
        var random = new Random(3);
        var buffers = new ChunkBuffers();
        var stay = Enumerable.Range(0, 1000).Select(_ => buffers.Take(8)).ToList();
        var before = buffers.SizeBytes;
        var crowd = new List<(uint Handle, int Order)>();
        for (var i = 0; i < 20_000; i++)
        {
            var order = random.Next(ChunkBuffers.MinOrder, ChunkBuffers.MaxOrder + 1);
            crowd.Add((buffers.Take(order), order));
        }

        buffers.SizeBytes.Should().BeGreaterThan(10 * before);
        // Those that stay are replaced meanwhile, as chunks are, and settle below.
        for (var i = 0; i < crowd.Count; i++)
        {
            buffers.Return(crowd[i].Handle, crowd[i].Order);
            buffers.Return(stay[i % stay.Count], 8);
            stay[i % stay.Count] = buffers.Take(8);
        }

        // One empty slab is kept.
        buffers.SizeBytes.Should().BeLessThanOrEqualTo(before + (1 << 20));
        buffers.TryPeek(crowd.Max(block => block.Handle), 64, out var bytes).Should().BeTrue();
        bytes.ContainsAnyExcept((byte)0).Should().BeFalse();
    }

    [Fact]
    public void TryPeek_RefusesWhatMakesNoSense()
    {
        var buffers = new ChunkBuffers();
        var handle = buffers.Take(ChunkBuffers.MinOrder);
        buffers.TryPeek(handle, 64, out var bytes).Should().BeTrue();
        bytes.Length.Should().Be(64);
        buffers.TryPeek(0, 1, out _).Should().BeFalse();
        buffers.TryPeek(uint.MaxValue, 1, out _).Should().BeFalse();
        buffers.TryPeek(handle, -1, out _).Should().BeFalse();
        buffers.TryPeek(handle, int.MaxValue, out _).Should().BeFalse();
    }
}
