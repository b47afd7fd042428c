using System.Diagnostics.Metrics;
using PromHost.Model;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

public sealed class KindMetricsTests : IDisposable
{
    private const long Hour = 3_600_000;
    private const long Now = 486_000 * Hour;

    private readonly TemporaryDirectory _root = new();

    [Fact]
    public async Task Counters_TellFloatsFromHistograms()
    {
        await using var database = await OpenAsync(_root.Open());
        await AppendAsync(database, "h", Now, 3, Histogram(4, buckets: 2));
        await AppendAsync(database, "h", Now - 1, 1, Histogram(2, buckets: 1));
        await AppendAsync(database, "g", Now, 5, null);
        await AppendAsync(database, "g", Now - 1, 5, null);
        await AppendAsync(database, "g", Now - (9 * Hour), 5, null);
        await AppendAsync(database, "h", Now - (9 * Hour), 5, Histogram(5, buckets: 1));

        var read = Read(database);

        read["prometheus_tsdb_head_samples_appended_total float"].Should().Be(2);
        read["prometheus_tsdb_head_samples_appended_total histogram"].Should().Be(2);
        read["prometheus_tsdb_head_out_of_order_samples_appended_total float"].Should().Be(1);
        read["prometheus_tsdb_head_out_of_order_samples_appended_total histogram"].Should().Be(1);
        read["prometheus_tsdb_too_old_samples_total float"].Should().Be(1);
        read["prometheus_tsdb_too_old_samples_total histogram"].Should().Be(1);
        read["prometheus_tsdb_out_of_order_samples_total histogram"].Should().Be(0);
        read["prometheus_tsdb_head_native_histogram_series "].Should().Be(1);
        read["prometheus_tsdb_head_native_histogram_buckets "].Should().Be(2);
    }

    [Fact]
    public async Task Gauges_GoByTheNewestSampleOfEachSeries()
    {
        await using (var database = await OpenAsync(_root.Open()))
        {
            await AppendAsync(database, "a", Now, 3, Histogram(4, buckets: 2));
            await AppendAsync(database, "b", Now, 3, Histogram(4, buckets: 3));
            await AppendAsync(database, "c", Now, 3, Histogram(4, buckets: 5));
            await AppendAsync(database, "a", Now + 1, 3, Histogram(5, buckets: 4));
            await database.AppendAsync((Series("b"), Now + 1, 1), (Series("c"), Now + 1, StaleMarker.Value));
            Check(database);
        }

        await using var reopened = await OpenAsync(_root.Open());
        Check(reopened);

        static void Check(Database database)
        {
            Read(database)["prometheus_tsdb_head_native_histogram_series "].Should().Be(2);
            Read(database)["prometheus_tsdb_head_native_histogram_buckets "].Should().Be(4);
        }
    }

    public void Dispose() => _root.Dispose();

    private static NativeHistogram Histogram(double count, int buckets) => new()
    {
        IsInteger = true,
        Schema = 0,
        Count = count + buckets - 1,
        Sum = count,
        PositiveSpans = new HistogramSpan[] { new(0, (uint)buckets) },
        PositiveCounts = Enumerable.Range(0, buckets).Select(i => i == 0 ? count : 1).ToArray(),
    };

    private static async Task AppendAsync(
        Database database, string name, long t, double value, NativeHistogram? histogram)
    {
        using var appender = database.CreateAppender();
        var series = appender.GetOrAddSeries(Series(name), []);
        if (histogram is null) appender.Append(series, [new FloatSample(t, value)]);
        else appender.AppendHistogram(series, t, 0, histogram);
        await appender.CommitAsync(TestContext.Current.CancellationToken);
    }

    // By name and type. Other databases of this process tell theirs too: only the instruments of a meter made for it.
    private static Dictionary<string, long> Read(Database database)
    {
        using var meter = new Meter("test");
        KindMetrics.Add(meter, database);
        var read = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            read[$"{instrument.Name} {(tags.IsEmpty ? "" : tags[0].Value)}"] = value);
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => read[$"{instrument.Name} "] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return read;
    }
}
