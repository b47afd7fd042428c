using System.Globalization;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class HeadChunkSourceTests : IDisposable
{
    private const long RangeMs = 7_200_000;

    private readonly TemporaryDirectory _root = new();

    [Fact]
    public async Task TryReadNext_HandsOutWhatLiesInTheRange_InTheOrderOfLabels()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        await FillAsync(database, new Random(1), series: 300, samples: 1500);
        foreach (var (min, max) in (ReadOnlySpan<(long, long)>)
            [(0, RangeMs), (RangeMs, 2 * RangeMs), (0, long.MaxValue), (123_456, 234_567), (5 * RangeMs, 6 * RangeMs)])
        {
            using var source = new HeadChunkSource(database.Head, min, max);
            var expected = database.ReadAll(min, max - 1);
            foreach (var labels in expected.Where(s => s.Value.Count == 0).Select(s => s.Key).ToList())
                expected.Remove(labels);
            Read(source, min, max).ShouldHold(expected);
        }
    }

    [Fact]
    public async Task Symbols_AreThoseOfTheSeriesInTheRange_SortedAndEachOnce()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        await FillAsync(database, new Random(2), series: 200, samples: 10);
        await database.AppendAsync((TestDatabase.Series("late", ("only", "here")), 3 * RangeMs, 1));
        using var source = new HeadChunkSource(database.Head, 0, RangeMs);
        var read = Read(source, 0, RangeMs);
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var labels in read.Keys)
        {
            foreach (var label in labels)
            {
                expected.Add(System.Text.Encoding.UTF8.GetString(label.Name));
                expected.Add(System.Text.Encoding.UTF8.GetString(label.Value));
            }
        }

        // Twice: a writer may come back to them.
        for (var pass = 0; pass < 2; pass++)
        {
            source.Symbols.Select(s => System.Text.Encoding.UTF8.GetString(s.Span)).Should().Equal(expected);
        }
    }

    [Fact]
    public async Task TryReadNext_StaysWithItsView_WhileAppendsGoOn()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        await FillAsync(database, new Random(3), series: 50, samples: 200);
        var expected = database.ReadAll();
        using var source = new HeadChunkSource(database.Head, 0, long.MaxValue);
        var end = database.Head.Appender.MaxTimeMs;
        for (var i = 1; i < 300; i++)
        {
            var known = expected.Keys.Select(labels => (labels, end + (i * 1000L), (double)i));
            await database.AppendAsync([.. known, (TestDatabase.Series("new"), i, 1.0)]);
        }

        Read(source, 0, long.MaxValue).ShouldHold(expected);
    }

    [Fact]
    public async Task TryReadNext_HandsOutChunksAsTheyAreStored_UnlessTheyCrossTheBorder()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        var labels = TestDatabase.Series("a");
        for (var i = 0; i < 1000; i++) await database.AppendAsync((labels, i * 10_000, i * 0.1));
        using var source = new HeadChunkSource(database.Head, 0, RangeMs);
        var chunks = new List<EncodedChunk>();
        source.TryReadNext(out _, chunks).Should().BeTrue();
        database.Head.Store.Read(1, out var snapshot);
        for (var i = 0; i < chunks.Count; i++)
        {
            var stored = database.Head.FullChunks.Read(snapshot.Mapped![i].Reference);
            chunks[i].Data.Span.SequenceEqual(stored).Should().BeTrue();
        }

        chunks[^1].MaxTimeMs.Should().Be(RangeMs - 10_000);
    }

    [Fact]
    public async Task Dispose_LeavesTheEpoch_SoThatTheDatabaseCloses()
    {
        var database = await TestDatabase.OpenAsync(_root.Open());
        await database.AppendAsync((TestDatabase.Series("a"), 1, 1));
        var source = new HeadChunkSource(database.Head, 0, 10);
        var closing = database.DisposeAsync();
        closing.IsCompleted.Should().BeFalse();
        source.Dispose();
        await closing;
        FluentActions.Invoking(() => new HeadChunkSource(database.Head, 0, 10))
            .Should().Throw<StorageUnavailableException>();
    }

    public void Dispose() => _root.Dispose();

    private static Dictionary<Labels, List<(long T, double V)>> Read(HeadChunkSource source, long min, long max)
    {
        var read = new Dictionary<Labels, List<(long, double)>>();
        var chunks = new List<EncodedChunk>();
        var columns = new SampleColumns();
        var last = Labels.Empty;
        while (source.TryReadNext(out var labels, chunks))
        {
            labels.CompareTo(last).Should().BePositive();
            last = labels;
            columns.Clear();
            foreach (var chunk in chunks)
            {
                var first = columns.Count;
                ChunkColumns.TryAppend(chunk.Encoding, chunk.Data.Span, long.MinValue, long.MaxValue, columns)
                    .Should().BeTrue();
                columns.TimestampsMs[first].Should().Be(chunk.MinTimeMs).And.BeGreaterThanOrEqualTo(min);
                columns.TimestampsMs[^1].Should().Be(chunk.MaxTimeMs).And.BeLessThan(max);
            }

            read.Add(labels, [.. columns.TimestampsMs.ToArray().Zip(columns.Values.ToArray())]);
        }

        chunks.Should().BeEmpty();
        return read;
    }

    // Series begin and end at different times; samples lie over some three blocks.
    private static async Task FillAsync(Database database, Random random, int series, int samples)
    {
        var all = Enumerable.Range(0, series).Select(_ =>
        {
            var builder = new LabelsBuilder().Set("__name__", $"m{random.Next(5)}").Set("z", $"{random.Next(1000)}");
            if (random.Next(2) == 0) builder.Set("Upper", $"m{random.Next(5)}");
            if (random.Next(2) == 0) builder.Set("other", random.Next(9).ToString(CultureInfo.InvariantCulture));
            return builder.ToLabels();
        }).Distinct().Select(labels => (labels, From: random.Next(samples), Until: random.Next(samples))).ToList();
        for (var i = 0; i < samples; i++)
        {
            var present = all.Where(s => s.From <= i && i <= s.Until);
            await database.AppendAsync([.. present.Select(s => (s.labels, i * 15_000L, random.NextDouble()))]);
        }
    }
}
