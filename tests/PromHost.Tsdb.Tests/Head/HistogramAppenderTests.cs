using PromHost.Chunks;
using PromHost.Chunks.Tests;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public class HistogramAppenderTests
{
    private const long BlockMs = 7_200_000;
    private const long Start = 1_600_000_000_000 / BlockMs * BlockMs;

    private readonly Head _head = new(BlockMs);
    private readonly RawHistogram _raw = new();

    [Fact]
    public void Append_CutsTheChunksOfPrometheus()
    {
        foreach (var golden in GoldenHistogramChunk.ReadAll())
        {
            var series = NewSeries(golden.Key);
            foreach (var (timestampMs, histogram) in
                HistogramSequence.Make(golden.Key, GoldenHistogramChunk.SamplesPerSequence))
                Append(series, timestampMs, histogram);

            var chunks = Mapped(series).Select(chunk =>
            {
                var data = _head.FullChunks.Read(chunk.Reference, out var encoding);
                return new GoldenHistogramChunk(
                    golden.Key, chunk.MinTimeMs, chunk.MaxTimeMs, encoding, Convert.ToBase64String(data));
            });

            chunks.Should().Equal(golden);
        }
    }

    [Fact]
    public void Append_CutsAtTheBorderOfTheBlock_HoweverFewSamplesThereAre()
    {
        var series = NewSeries(1);
        for (var i = 0; i < 40; i++) Append(series, Start + (i * 1_000_000L), Histogram(i));

        Mapped(series).Select(chunk => (chunk.MaxTimeMs - chunk.MinTimeMs) / 1_000_000).Take(3)
            .Should().Equal(7, 6, 6);
    }

    [Fact]
    public void Append_ChangesBetweenFloatsAndHistograms_AndKeepsAll()
    {
        var series = NewSeries(1);
        for (var i = 0; i < 30; i++)
        {
            if (i / 3 % 3 == 0) _head.Appender.Append(series, Start + i, i);
            else Append(series, Start + i, Histogram(i, isInteger: i / 3 % 3 == 1));
        }

        _head.Store.Histograms.HistogramCount.Should().Be(0, "the last samples are floats");
        Mapped(series).Should().HaveCount(9);
        var columns = Read(series);
        columns.TimestampsMs.ToArray().Should().Equal(Enumerable.Range(0, 30).Select(i => Start + i));
        for (var i = 0; i < 30; i++)
        {
            var isFloat = i / 3 % 3 == 0;
            if (isFloat) columns.Values[i].Should().Be(i);
            else columns.Histograms[i]!.ShouldEqual(Histogram(i, i / 3 % 3 == 1), $"sample {i}");
        }
    }

    [Fact]
    public void Read_GivesTheSamplesOfItsMoment_WhileTheChunkGrowsAndIsEncodedAnew()
    {
        var series = NewSeries(1);
        Append(series, Start, Histogram(1, buckets: 1));
        _head.Store.Read(series, [], out var snapshot);
        for (var i = 1; i < 8; i++) Append(series, Start + i, Histogram(1 + i, buckets: 1 + i));

        snapshot.OpenCount.Should().Be(1);
        var columns = new SampleColumns();
        HistogramColumns.TryAppendFirst(
            snapshot.OpenEncoding, snapshot.OpenHistograms.AsSpan(0, snapshot.OpenLength), snapshot.OpenCount,
            0, long.MaxValue, columns).Should().BeTrue();
        columns.Histograms[0]!.ShouldEqual(Histogram(1, buckets: 1), "the first sample");
        Read(series).Count.Should().Be(8);
    }

    [Fact]
    public async Task RunAsync_TruncatesChunksOfHistograms_AndRemovesTheirSeries()
    {
        var gone = NewSeries(1);
        var kept = NewSeries(2);
        for (var i = 0; i < 40; i++)
        {
            Append(gone, Start + (i * 60_000L), Histogram(i));
            Append(kept, Start + (i * 600_000L), Histogram(i));
        }

        var border = Start + BlockMs;
        await HeadTruncation.RunAsync(
            _head,
            border,
            job =>
            {
                job();
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken);
        _head.Table.LivingCount.Should().Be(1);
        _head.Store.Histograms.HistogramCount.Should().Be(1);
        Read(kept).TimestampsMs[0].Should().Be(border);
        Read(kept).Count.Should().Be(28);
        NewSeries(3).Should().Be(gone, "its number is free");
    }

    [Fact]
    public void SeriesState_IsNoLargerForHistograms() =>
        System.Runtime.CompilerServices.Unsafe.SizeOf<SeriesState>().Should().BeLessThanOrEqualTo(128);

    private int NewSeries(int number) => _head.Table.GetOrAdd(TestDatabase.Series($"m{number}"), []);

    private void Append(int series, long timestampMs, NativeHistogram histogram)
    {
        _raw.Set(histogram);
        _head.Appender.Append(series, timestampMs, 0, _raw);
    }

    private MappedChunk[] Mapped(int series) =>
        _head.Store.Mapped(series).AsSpan(0, _head.Store.State(series).MappedCount).ToArray();

    private SampleColumns Read(int series)
    {
        var columns = new SampleColumns();
        foreach (var chunk in Mapped(series))
        {
            var data = _head.FullChunks.Read(chunk.Reference, out var encoding);
            ChunkColumns.TryAppend(encoding, data, 0, long.MaxValue, columns).Should().BeTrue();
        }

        Span<byte> open = stackalloc byte[1 << ChunkBuffers.MaxOrder];
        _head.Store.Read(series, open, out var snapshot);
        if (snapshot.OpenHistograms is { } bytes)
        {
            HistogramColumns.TryAppendFirst(
                snapshot.OpenEncoding, bytes.AsSpan(0, snapshot.OpenLength), snapshot.OpenCount, 0, long.MaxValue,
                columns).Should().BeTrue();
        }
        else
        {
            ChunkColumns.TryAppendFloats(
                open[..snapshot.OpenLength], snapshot.OpenCount, 0, long.MaxValue, columns).Should().BeTrue();
        }

        return columns;
    }

    private static NativeHistogram Histogram(double each, bool isInteger = true, int buckets = 2) => new()
    {
        IsInteger = isInteger,
        Schema = 3,
        Count = each * buckets,
        Sum = each,
        PositiveSpans = new HistogramSpan[] { new(0, (uint)buckets) },
        PositiveCounts = Enumerable.Repeat(each, buckets).ToArray(),
    };
}
