using System.Globalization;
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

/// <summary>Out-of-order samples on their way from the head into blocks.</summary>
public sealed class OutOfOrderFreezeTests : IDisposable
{
    private const long Hour = 3_600_000;
    private const long Now = 500_000 * Hour;
    private readonly TemporaryDirectory _root = new();

    [Fact]
    public async Task Open_HandsOutEachRange_SortedMergedAndWithoutOverlap()
    {
        await using var database = await OpenAsync();
        var expected = await FillAsync(database, seed: 1);
        var freeze = await database.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);

        freeze.Ranges.Should().OnlyContain(r => r.MinTimeMs % (2 * Hour) == 0 && r.MaxTimeMs - r.MinTimeMs < 2 * Hour);
        freeze.Ranges.Should().HaveCountGreaterThan(2).And.BeInAscendingOrder(r => r.MinTimeMs);
        var read = new Dictionary<Labels, List<(long, double)>>();
        foreach (var range in freeze.Ranges) Read(freeze, range, read);
        read.ShouldHold(expected);
    }

    [Fact]
    public async Task Open_GivesTheSymbolsOfItsSeriesOnly()
    {
        await using var database = await OpenAsync();
        await database.AppendAsync((Series("a", ("only", "in order")), Now, 1));
        await database.AppendAsync((Series("b", ("late", "x")), Now - (2 * Hour), 1));
        var freeze = await database.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);
        using var source = freeze.Open(freeze.Ranges.Should().ContainSingle().Subject);
        source.Symbols.Select(s => System.Text.Encoding.UTF8.GetString(s.Span))
            .Should().Equal("__name__", "b", "late", "x");
    }

    [Fact]
    public async Task TruncateAsync_LeavesWhatCameLater_AndShortensTheLog()
    {
        var late = Series("m", ("i", "late"));
        Dictionary<Labels, List<(long T, double V)>> left;
        await using (var database = await OpenAsync())
        {
            await FillAsync(database, seed: 2);
            var freeze = await database.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);
            foreach (var range in freeze.Ranges) await WriteBlockAsync(freeze, range);
            for (var i = 1; i <= 50; i++)
                await database.AppendAsync((late, Now - (i * 7000), i), (SeriesOf(3), Now - i, i));

            await freeze.TruncateAsync(TestContext.Current.CancellationToken);

            left = database.ReadAll();
            left[late].Should().HaveCount(50);
            left[SeriesOf(3)].Where(s => s.T < Now).Should().HaveCount(50);
            left.Where(s => s.Key != late && s.Key != SeriesOf(3)).Should().OnlyContain(s => s.Value.Count == 1);
            database.Head.OutOfOrder.MinTimeMs.Should().Be(Now - 350_000);
            database.Head.OutOfOrder.Series.Should().HaveCount(2);
            WblSegments().Should().Equal("00000001");
        }

        // The chunk files still hold what is in blocks now: it comes back until they are deleted, twice nowhere.
        await using var reopened = await OpenAsync();
        var stored = reopened.ReadAll();
        foreach (var (labels, samples) in left) stored[labels].Should().Contain(samples).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task TruncateAsync_RemovesSeriesThatHadNothingElse()
    {
        await using var database = await OpenAsync();
        await database.AppendAsync((SeriesOf(1), Now, 1));
        for (var i = 0; i < 50; i++) await database.AppendAsync((SeriesOf(2), Now - (2 * Hour) + i, i));
        database.GetHeadStatus().SeriesCount.Should().Be(2);
        var freeze = await database.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);
        await freeze.TruncateAsync(TestContext.Current.CancellationToken);
        database.GetHeadStatus().SeriesCount.Should().Be(1);
        (await database.AppendAsync((SeriesOf(2), Now - Hour - 5, 7))).Stored.Should().Be(1);
        database.ReadAll()[SeriesOf(2)].Should().Equal((Now - Hour - 5, 7.0));
    }

    [Fact]
    public async Task FreezeOutOfOrderAsync_BeginsNoSegment_WhenNothingCame()
    {
        await using var database = await OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            var freeze = await database.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);
            freeze.Ranges.Should().BeEmpty();
            WblSegments().Should().Equal("00000000");
        }
    }

    [Fact]
    public async Task TruncateAsync_WaitsForOlderQueries()
    {
        await using var database = await OpenAsync();
        var expected = await FillAsync(database, seed: 3);
        var freeze = await database.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);
        var querier = database.OpenQuerier(long.MinValue, long.MaxValue);
        var before = database.ReadAll();
        var truncation = freeze.TruncateAsync(TestContext.Current.CancellationToken);
        querier.ReadAll().ShouldHold(before);
        truncation.IsCompleted.Should().BeFalse();
        querier.Dispose();
        await truncation;
        database.ReadAll().Values.Sum(s => s.Count).Should().Be(before.Values.Sum(s => s.Count) - Count(expected));
    }

    [Fact]
    public async Task FreezeOutOfOrderAsync_GivenUp_LosesNothing()
    {
        Dictionary<Labels, List<(long, double)>> expected;
        await using (var database = await OpenAsync())
        {
            await FillAsync(database, seed: 4);
            expected = database.ReadAll();
            await database.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);
            database.ReadAll().ShouldHold(expected);
        }

        await using (var reopened = await OpenAsync(TimeSpan.Zero))
        {
            reopened.ReadAll().ShouldHold(expected);
            var freeze = await reopened.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);
            var read = new Dictionary<Labels, List<(long, double)>>();
            foreach (var range in freeze.Ranges) Read(freeze, range, read);
            Count(read).Should().Be(Count(expected) - 40);
        }

        await using var again = await OpenAsync();
        again.ReadAll().ShouldHold(expected);
    }

    [Fact]
    public async Task HistogramsOfAPrometheus_AreReadFromChunks_AndTheLogIsKeptForWhatIsUnknown()
    {
        var histogram = new NativeHistogram
        {
            Schema = 0,
            IsInteger = true,
            Count = 3,
            Sum = 5,
            PositiveSpans = new HistogramSpan[] { new(0, 1) },
            PositiveCounts = new double[] { 3 },
        };
        WriteHistograms(histogram);
        await using (var database = await OpenAsync())
        {
            using (var querier = database.OpenQuerier(long.MinValue, long.MaxValue))
            {
                using var set = querier.Select(new SelectHints(long.MinValue, long.MaxValue), []);
                var entries = new SeriesEntry[2];
                set.ReadNext(entries).Should().Be(1);
                var columns = new SampleColumns();
                set.ReadSamples(entries[0], long.MinValue, long.MaxValue, columns);
                columns.TimestampsMs.ToArray().Should().Equal(Now - 2, Now - 1);
                columns.Histograms[1]!.Sum.Should().Be(5);
            }

            var freeze = await database.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);
            using (var source = freeze.Open(freeze.Ranges.Should().ContainSingle().Subject))
            {
                var chunks = new List<EncodedChunk>();
                source.TryReadNext(out _, chunks).Should().BeTrue();
                chunks.Should().ContainSingle().Which.Encoding.Should().Be(ChunkEncoding.Histogram);
            }

            await freeze.TruncateAsync(TestContext.Current.CancellationToken);
            database.ReadAll().Should().BeEmpty();
        }

        // The log has a record of a kind that is not known here.
        WblSegments().Should().Contain("00000000");
    }

    [Fact]
    public async Task LiveSeriesRefs_HoldRefsThatOnlyTheLogNames()
    {
        // The series came twice: what is out of order was logged under its second number.
        using (var record = new ByteWriter(64))
        {
            WalRecordEncoder.Encode(
                [new WalSeries(5, SeriesOf(0)), new WalSeries(9, SeriesOf(0)), new WalSeries(10, SeriesOf(1))], record);
            Write("wal", record);
            WalRecordEncoder.Encode([new WalSample(9, Now - 1, 1), new WalSample(10, Now - 1, 1)], record);
            Write("wbl", record);
        }

        await using var database = await OpenAsync();
        database.ReadAll().Should().HaveCount(2);
        LiveSeriesRefs.Collect(database.Head).Contains(9).Should().BeTrue();

        var freeze = await database.FreezeOutOfOrderAsync(TestContext.Current.CancellationToken);
        await freeze.TruncateAsync(TestContext.Current.CancellationToken);
        LiveSeriesRefs.Collect(database.Head).Contains(9).Should().BeFalse();
    }

    public void Dispose() => _root.Dispose();

    private static Labels SeriesOf(int number) => Series("m", ("i", number.ToString(CultureInfo.InvariantCulture)));

    private static int Count(Dictionary<Labels, List<(long, double)>> samples) => samples.Values.Sum(s => s.Count);

    // Forty series with one sample in order; returns those out of order.
    private static async Task<Dictionary<Labels, List<(long, double)>>> FillAsync(Database database, int seed)
    {
        var random = new Random(seed);
        await database.AppendAsync([.. Enumerable.Range(0, 40).Select(i => (SeriesOf(i), Now, 1.0))]);
        var stored = new Dictionary<Labels, SortedDictionary<long, double>>();
        for (var round = 0; round < 60; round++)
        {
            var batch = new List<(Labels, long, double)>();
            for (var i = 0; i < 40; i++)
            {
                for (var n = random.Next(1 + (i % 6)); n > 0; n--)
                {
                    var t = Now - 1 - (random.NextInt64(5 * Hour) / 100 * 100);
                    if (!stored.TryGetValue(SeriesOf(i), out var samples)) stored[SeriesOf(i)] = samples = [];
                    if (samples.TryAdd(t, round)) batch.Add((SeriesOf(i), t, round));
                }
            }

            (await database.AppendAsync([.. batch])).Rejected.Should().BeEmpty();
        }

        return stored.ToDictionary(s => s.Key, s => s.Value.Select(v => (v.Key, v.Value)).ToList());
    }

    private static void Read(
        OutOfOrderFreeze freeze, TimeInterval range, Dictionary<Labels, List<(long, double)>> read)
    {
        using var source = freeze.Open(range);
        var chunks = new List<EncodedChunk>();
        var columns = new SampleColumns();
        var previous = Labels.Empty;
        while (source.TryReadNext(out var labels, chunks))
        {
            labels.CompareTo(previous).Should().BePositive();
            previous = labels;
            if (!read.TryGetValue(labels, out var samples)) read[labels] = samples = [];
            var lastMs = range.MinTimeMs - 1;
            foreach (var chunk in chunks)
            {
                chunk.Encoding.Should().Be(ChunkEncoding.Xor);
                chunk.MinTimeMs.Should().BeGreaterThan(lastMs);
                columns.Clear();
                ChunkColumns.TryAppend(chunk.Encoding, chunk.Data.Span, long.MinValue, long.MaxValue, columns)
                    .Should().BeTrue();
                (columns.TimestampsMs[0], columns.TimestampsMs[^1]).Should().Be((chunk.MinTimeMs, chunk.MaxTimeMs));
                for (var i = 0; i < columns.Count; i++) samples.Add((columns.TimestampsMs[i], columns.Values[i]));
                lastMs = chunk.MaxTimeMs;
            }

            lastMs.Should().BeLessThanOrEqualTo(range.MaxTimeMs);
        }
    }

    private void WriteHistograms(NativeHistogram histogram)
    {
        var columns = new SampleColumns();
        columns.Add(Now - 2, 0, histogram);
        columns.Add(Now - 1, 0, histogram);
        var chunks = new List<EncodedChunk>();
        var builder = new ChunkBuilder();
        builder.Begin(ChunkRules.Merged, chunks);
        builder.Append(columns, 0, columns.Count);
        builder.End();
        using (var files = HeadChunkFiles.Open(_root.Open()))
        {
            files.ForEach((_, in _, _) => { });
            const byte Encoding = ChunkEncoding.Histogram | ChunkEncoding.OutOfOrderMask;
            files.Write(5, Now - 2, Now - 1, Encoding, chunks.Should().ContainSingle().Subject.Data.Span);
        }

        using var record = new ByteWriter(64);
        WalRecordEncoder.Encode([new WalSeries(5, SeriesOf(0))], record);
        Write("wal", record);
        record.WriteByte(200);
        Write("wbl", record);
    }

    private List<string?> WblSegments() =>
        [.. Directory.GetFiles(_root.PathOf("wbl")).Select(Path.GetFileName).Order(StringComparer.Ordinal)];

    private void Write(string log, ByteWriter record)
    {
        using var writer = WalWriter.Open(_root.Open(), log);
        writer.Append(record.WrittenSpan);
        record.Clear();
    }

    private async Task WriteBlockAsync(OutOfOrderFreeze freeze, TimeInterval range)
    {
        await Task.Yield();
        using var source = freeze.Open(range);
        var writer = new BlockWriter(_root.Open(), TimeProvider.System, Random.Shared);
        var options = new BlockWriteOptions
        {
            MinTimeMs = range.MinTimeMs,
            MaxTimeMs = range.MaxTimeMs + 1,
            Hints = ["from-out-of-order"],
        };
        writer.Write(source, options, TestContext.Current.CancellationToken).Should().NotBeNull();
    }

    private Task<Database> OpenAsync(TimeSpan? window = null) => TestDatabase.OpenAsync(
        _root.Open(), o => o with { OutOfOrderWindow = window ?? TimeSpan.FromHours(6) });
}
