using PromHost.Chunks;
using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

/// <summary>Start timestamps under Prometheus's features, and what becomes of them without.</summary>
public sealed class DatabaseStartTimestampTests : IDisposable
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Start = 486_000 * Hour;

    private static readonly Labels Floats = Series("floats");
    private static readonly Labels Mixed = Series("mixed");

    private readonly TemporaryDirectory _root = new();
    private readonly SortedDictionary<long, Sample> _floats = [];
    private readonly SortedDictionary<long, Sample> _mixed = [];

    [Fact]
    public async Task StartTimestamps_AreKept_InHeadLogAndBlocks()
    {
        for (var round = 0; round < 4; round++)
        {
            await using var database = await OpenAsync();
            Check(database);
            for (var i = 0; i < 150; i++)
            {
                var now = Start + ((i + (round * 150)) * Minute);
                // Every third one an hour late.
                await SendAsync(database, i % 3 == 2 ? now - Hour - 7 : now, i);
                if (i % 40 == 0) Check(database);
            }

            Check(database);
            if (round % 2 == 1) await database.Maintenance!.RunAsync();
            Check(database);
        }

        await using var reopened = await OpenAsync();
        Check(reopened);
        reopened.Blocks.Current.Blocks.Should().NotBeEmpty();
        reopened.Maintenance!.Metrics.DroppedStartTimestamps.Should().Be(0);
        LogTypes(default).Should().Contain([WalRecordType.SamplesV2, WalRecordType.HistogramsV2]);
        // As Prometheus encodes anew: histograms without a start in chunks without a place for it.
        Encodings(reopened).Should().Contain(
            [ChunkEncoding.Xor2, ChunkEncoding.HistogramSt, ChunkEncoding.FloatHistogramSt])
            .And.NotContain(ChunkEncoding.Xor);
    }

    [Fact]
    public async Task StartTimestamps_AreDroppedAndCounted_WhenTheFeaturesAreGone()
    {
        await using (var database = await OpenAsync())
        {
            for (var i = 0; i < 400; i++) await SendAsync(database, Start + (i * Minute), i);
        }

        await using var without = await TestDatabase.OpenAsync(_root.Open());
        Check(without, withStarts: false);
        await without.Maintenance!.RunAsync();
        Check(without, withStarts: false);
        without.Maintenance!.Metrics.DroppedStartTimestamps.Should().BePositive();
        Encodings(without).Should().BeEquivalentTo(
            [ChunkEncoding.Xor, ChunkEncoding.Histogram, ChunkEncoding.FloatHistogram]);
        var end = without.WalPosition;
        await SendAsync(without, Start + (500 * Minute), 1);
        LogTypes(end).Should().BeEquivalentTo([WalRecordType.Samples]);
    }

    [Fact]
    public async Task CommitAsync_LogsASeriesInOrder_WhereSomeOfItsSamplesHaveStarts()
    {
        await using (var database = await OpenAsync())
        {
            using var appender = database.CreateAppender();
            var series = appender.GetOrAddSeries(Mixed, []);
            for (var i = 0; i < 60; i++) Stage(appender, series, _mixed, Start + i, i % 5, startMs: i % 3 == 0 ? 0 : 9);
            var report = await appender.CommitAsync(TestContext.Current.CancellationToken);
            (report.Stored, report.Rejected.Count).Should().Be((60, 0));
            Check(database);
        }

        await using var reopened = await OpenAsync();
        Check(reopened);
    }

    [Fact]
    public async Task CommitAsync_KnowsFloatsWithStarts_ForWhatTheyAre()
    {
        await using var database = await OpenAsync();
        (await AppendAsync(database, new FloatSample(Start, 1, 5), new FloatSample(Start, 1, 5))).AlreadyStored
            .Should().Be(1);
        (await AppendAsync(database, new FloatSample(Start, 1, 6))).AlreadyStored.Should().Be(1);
        (await AppendAsync(database, new FloatSample(Start, 2, 5))).Rejected.Should().ContainSingle()
            .Which.Existing.Value.Should().Be(1);
        (await AppendAsync(database, new FloatSample(Start - 5, 2, 5))).Stored.Should().Be(1);
        (await AppendAsync(database, new FloatSample(Start - 5, 3, 5))).Rejected.Should().ContainSingle();
        (await AppendAsync(database, new FloatSample(Start + 1, StaleMarker.Value, 5))).Stored.Should().Be(1);
        database.Counters!.Appended(areHistograms: true).Should().Be(0);
        database.Counters!.Appended(areHistograms: false).Should().Be(3);
        database.Head.Store.Histograms.HistogramCount.Should().Be(0);
    }

    [Fact]
    public async Task ReadSamples_StaysWithItsView_WhileAnXor2ChunkGrows()
    {
        await using var database = await OpenAsync();
        var queriers = new List<IQuerier>();
        for (var i = 0; i < 300; i++)
        {
            await AppendAsync(database, new FloatSample(Start + (i * 15_000), i * 1.1, i < 50 ? 0 : Start + (i / 40)));
            if (i % 9 == 0) queriers.Add(database.OpenQuerier(0, long.MaxValue));
        }

        for (var i = 0; i < queriers.Count; i++)
        {
            queriers[i].ReadAll()[Floats].Select(s => s.V).Should().Equal(
                Enumerable.Range(0, (i * 9) + 1).Select(v => v * 1.1));
            queriers[i].Dispose();
        }
    }

    public void Dispose() => _root.Dispose();

    private static async Task<AppendReport> AppendAsync(Database database, params FloatSample[] samples)
    {
        using var appender = database.CreateAppender();
        appender.Append(appender.GetOrAddSeries(Floats, []), samples);
        return await appender.CommitAsync(TestContext.Current.CancellationToken);
    }

    // Kinds: 0 and 1 floats, 2 integer, 3 and 4 float histograms.
    private static void Stage(
        IAppender appender,
        SeriesRef series,
        SortedDictionary<long, Sample> expected,
        long timeMs,
        int kind,
        long startMs)
    {
        var value = timeMs % 1000;
        expected.Add(timeMs, new Sample(value, startMs, kind >= 2));
        if (kind < 2)
        {
            appender.Append(series, [new FloatSample(timeMs, value, startMs)]);
            return;
        }

        appender.AppendHistogram(series, timeMs, startMs, new NativeHistogram
        {
            IsInteger = kind == 2,
            Schema = 1,
            Count = 3,
            Sum = value,
            PositiveSpans = new HistogramSpan[] { new(0, 1) },
            PositiveCounts = new double[] { 3 },
        });
    }

    private async Task SendAsync(Database database, long timeMs, int i)
    {
        using var appender = database.CreateAppender();
        // Floats come with and without, a start goes on for a while.
        var startMs = i % 11 == 0 ? 0 : Start - 5000 + (i / 30 * 1000);
        Stage(appender, appender.GetOrAddSeries(Floats, []), _floats, timeMs, 0, startMs);
        Stage(appender, appender.GetOrAddSeries(Mixed, []), _mixed, timeMs, i / 25 % 5, startMs);
        var report = await appender.CommitAsync(TestContext.Current.CancellationToken);
        (report.Stored, report.Rejected.Count).Should().Be((2, 0));
    }

    private void Check(Database database, bool withStarts = true)
    {
        using var querier = database.OpenQuerier(0, long.MaxValue);
        using var set = querier.Select(new SelectHints(0, long.MaxValue), []);
        var entries = new SeriesEntry[1];
        while (set.ReadNext(entries) > 0)
        {
            var expected = entries[0].Labels == Floats ? _floats : _mixed;
            var columns = new SampleColumns();
            set.ReadSamples(entries[0], 0, long.MaxValue, columns);
            columns.TimestampsMs.ToArray().Should().Equal(expected.Keys);
            for (var i = 0; i < columns.Count; i++)
            {
                var (value, startMs, isHistogram) = expected[columns.TimestampsMs[i]];
                columns.Values[i].Should().Be(value);
                (!columns.Histograms.IsEmpty && columns.Histograms[i] is not null).Should().Be(isHistogram);
                if (!withStarts) continue;
                (columns.StartTimestampsMs.IsEmpty ? 0 : columns.StartTimestampsMs[i]).Should().Be(
                    startMs, $"of {entries[0].Labels} at {columns.TimestampsMs[i] - Start}");
            }
        }
    }

    // Of the records behind a place in the log.
    private HashSet<WalRecordType> LogTypes(WalPosition from)
    {
        var directory = _root.Open();
        var segments = WalSegments.List(directory, "wal").Where(segment => segment.Number >= from.Segment).ToList();
        using var reader = new WalReader(directory, segments);
        var types = new HashSet<WalRecordType>();
        while (reader.TryRead(out var record))
        {
            var position = new WalPosition(reader.Segment.Number, reader.RecordStartBytes);
            if (position.CompareTo(from) >= 0) types.Add(WalRecordDecoder.TypeOf(record));
        }

        return types;
    }

    private static HashSet<byte> Encodings(Database database)
    {
        var encodings = new HashSet<byte>();
        foreach (var block in database.Blocks.Current.Blocks)
        {
            using var source = new BlockChunkSource(block);
            foreach (var (_, chunks) in ListChunkSource.ReadAll(source))
                encodings.UnionWith(chunks.Select(chunk => chunk.Encoding));
        }

        return encodings;
    }

    private Task<Database> OpenAsync() => TestDatabase.OpenAsync(_root.Open(), options => options with
    {
        StoreStartTimestamps = true,
        Xor2Encoding = true,
        HistogramStartTimestamps = true,
    });

    private sealed record Sample(double Value, long StartMs, bool IsHistogram);
}
