using PromHost.Codecs;

namespace PromHost.Tsdb.Tests;

public sealed class TombstonesTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Add_GivesTheSameAsASetOfTimestamps_WhateverTheOrder()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var builder = new TombstonesBuilder();
            var deleted = new bool[60];
            for (var i = 0; i < 12; i++)
            {
                var min = random.Next(50);
                var max = min + random.Next(8);
                builder.Add(7, new TimeInterval(min, max));
                Array.Fill(deleted, true, min, max - min + 1);
                if (i == 6) builder = new TombstonesBuilder(builder.Build());
            }

            var intervals = builder.Build().Of(7).ToArray();

            for (var t = 0; t < deleted.Length; t++)
                intervals.Any(interval => interval.Contains(t)).Should().Be(deleted[t], "seed {0}, time {1}", seed, t);
            for (var i = 1; i < intervals.Length; i++)
                intervals[i].MinTimeMs.Should().BeGreaterThan(intervals[i - 1].MaxTimeMs + 1);
        }
    }

    [Fact]
    public void Add_DoesNotOverflow_AtTheEndsOfTime()
    {
        var builder = new TombstonesBuilder();
        builder.Add(1, new TimeInterval(long.MaxValue, long.MaxValue));
        builder.Add(1, new TimeInterval(long.MinValue, long.MinValue));
        builder.Add(1, new TimeInterval(long.MinValue, 5));
        builder.Add(1, new TimeInterval(6, 7));

        builder.Build().Of(1).ToArray().Should().Equal(
            new TimeInterval(long.MinValue, 7), new TimeInterval(long.MaxValue, long.MaxValue));
        builder.Add(1, new TimeInterval(long.MinValue, long.MaxValue));
        builder.Build().Of(1).ToArray().Should().Equal(new TimeInterval(long.MinValue, long.MaxValue));
    }

    [Fact]
    public void Build_IsNotChanged_ByWhatIsAddedLater()
    {
        var builder = new TombstonesBuilder();
        builder.Add(1, new TimeInterval(1, 2));
        var first = builder.Build();
        var second = new TombstonesBuilder(first);
        second.Add(1, new TimeInterval(3, 4));
        second.Add(2, new TimeInterval(3, 4));
        builder.Add(1, new TimeInterval(9, 9));
        builder.Remove(1);

        first.Of(1).ToArray().Should().Equal(new TimeInterval(1, 2));
        first.IntervalCount.Should().Be(1);
        second.Build().SeriesRefs.Should().Equal(1, 2);
        builder.Build().IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void RemoveBefore_KeepsWhatEndsLater()
    {
        var basis = new TombstonesBuilder();
        basis.Add(1, new TimeInterval(1, 2));
        basis.Add(2, new TimeInterval(1, 2));
        basis.Add(2, new TimeInterval(8, 12));
        var builder = new TombstonesBuilder(basis.Build());
        builder.Add(3, new TimeInterval(1, 9));
        builder.Add(4, new TimeInterval(1, 9));
        builder.Add(4, new TimeInterval(20, 30));

        builder.RemoveBefore(10);

        var left = builder.Build();
        left.SeriesRefs.Should().Equal(2, 4);
        left.Of(2).ToArray().Should().Equal(new TimeInterval(8, 12));
        left.Of(4).ToArray().Should().Equal(new TimeInterval(20, 30));
    }

    [Fact]
    public void Read_GivesWhatWasWritten()
    {
        var random = new Random(1);
        var builder = new TombstonesBuilder();
        for (var i = 0; i < 500; i++)
        {
            var min = random.NextInt64(-1000, 1000);
            builder.Add((ulong)random.NextInt64(1L << random.Next(1, 62)), new TimeInterval(min, min + random.Next(9)));
        }

        builder.Add(ulong.MaxValue, new TimeInterval(long.MinValue, long.MaxValue));
        var written = builder.Build();

        TombstonesFile.Write(_temporary.Open(), "tombstones", written);
        var read = TombstonesFile.Read(_temporary.Open(), "tombstones");

        read.SeriesRefs.Should().Equal(written.SeriesRefs);
        read.IntervalCount.Should().Be(written.IntervalCount);
        foreach (var seriesRef in written.SeriesRefs)
            read.Of(seriesRef).ToArray().Should().Equal(written.Of(seriesRef).ToArray());
    }

    [Fact]
    public void Write_MakesTheDocumentedBytes()
    {
        var builder = new TombstonesBuilder();
        builder.Add(300, new TimeInterval(-1, 2));

        TombstonesFile.Write(_temporary.Open(), "some", builder.Build());
        TombstonesFile.Write(_temporary.Open(), "none", Tombstones.None);

        var crc = Crc32C.Compute([0xAC, 0x02, 0x01, 0x04]);
        File.ReadAllBytes(_temporary.PathOf("some")).Should().Equal(
            0x01, 0x30, 0xBA, 0x30, 1, 0xAC, 0x02, 0x01, 0x04,
            (byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc);
        // As Prometheus writes it into every new block.
        File.ReadAllBytes(_temporary.PathOf("none")).Should().Equal(0x01, 0x30, 0xBA, 0x30, 1, 0, 0, 0, 0);
    }

    [Fact]
    public void Read_GivesNone_WhenTheFileIsMissing() =>
        TombstonesFile.Read(_temporary.Open(), "tombstones").IsEmpty.Should().BeTrue();

    [Fact]
    public void Read_NamesTheOffset_WhereverABitIsFlippedOrTheFileIsCut()
    {
        var builder = new TombstonesBuilder();
        for (var i = 0; i < 20; i++) builder.Add((ulong)i * 100, new TimeInterval(i * 1000, i * 2000));
        TombstonesFile.Write(_temporary.Open(), "tombstones", builder.Build());
        var whole = File.ReadAllBytes(_temporary.PathOf("tombstones"));
        for (var i = 0; i < whole.Length; i++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[i] ^= (byte)(1 << (i % 8));
            AssertCorrupt(flipped);
            AssertCorrupt(whole[..i]);
        }

        void AssertCorrupt(byte[] bytes)
        {
            File.WriteAllBytes(_temporary.PathOf("tombstones"), bytes);
            var act = () => TombstonesFile.Read(_temporary.Open(), "tombstones");
            act.Should().Throw<CorruptDataException>().Which.OffsetBytes.Should().BeInRange(0, bytes.Length);
        }
    }

    [Fact]
    public void Decode_RefusesIntervals_ThatEndBeforeTheyBegin()
    {
        byte[] content = [5, 4, 2];
        var crc = Crc32C.Compute(content);
        byte[] bytes =
        [
            0x01, 0x30, 0xBA, 0x30, 1, .. content, (byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc,
        ];

        TombstonesFile.Decode(bytes, new TombstonesBuilder(), out var offset).Should().Contain("before it begins");
        offset.Should().Be(5);
    }
}
