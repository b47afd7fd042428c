using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.PromQL;
using PromHost.Storage;
using PromHost.Tsdb;

namespace PromHost.Benchmarks;

/// <summary>
/// Whole queries, without the JSON, on a database of 60 targets: 31 080 series, of which the 960 of the processors have
/// six hours of samples, the others the last 50 minutes.
/// </summary>
public class QueryBenchmarks
{
    private const int Targets = 60;
    private const int Scrapes = 1440;
    private const int ShortScrapes = 200;
    private const long EndMs = NodeFleet.StartMs + ((Scrapes - 1) * NodeFleet.IntervalMs);
    private const string CpuRate = "rate(node_cpu_seconds_total[5m])";
    private Database? _database;
    private QueryEngine? _engine;
    private string _path = "";

    // The in-process toolchain waits for benchmarks only, not for their setup.
    [GlobalSetup]
    public void Setup() => Open().GetAwaiter().GetResult();

    [GlobalCleanup]
    public void Cleanup()
    {
        _engine!.Dispose();
        _database!.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_path, recursive: true);
    }

    /// <summary>960 series, 1440 steps of 15 s.</summary>
    [Benchmark]
    public Task<int> SumByModeOfRate() => RunRange($"sum by (mode) ({CpuRate})", 15_000, series: 8);

    /// <summary>960 series, 360 steps of a minute, all of them in the answer.</summary>
    [Benchmark]
    public Task<int> RateOfEach() => RunRange(CpuRate, 60_000, series: Targets * NodeFleet.CpuSeriesPerTarget);

    /// <summary>One instant, 960 series.</summary>
    [Benchmark]
    public Task<int> InstantSumByModeOfRate() => RunInstant($"sum by (mode) ({CpuRate})");

    /// <summary>One instant, every series there is.</summary>
    [Benchmark]
    public Task<int> InstantCountByName() => RunInstant("count by (__name__) ({__name__!=\"\"})");

    /// <summary>One instant, 60 series: what a panel with a single number asks.</summary>
    [Benchmark]
    public Task<int> InstantSelector() => RunInstant("node_load1");

    /// <summary>Two vectors of 60 and 60 series over 120 steps, matched by their labels.</summary>
    [Benchmark]
    public async Task<int> Join()
    {
        var result = await _engine!.ExecuteRangeAsync(
            _database!, "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
            EndMs - (119 * NodeFleet.IntervalMs), EndMs, NodeFleet.IntervalMs, null, CancellationToken.None);
        return Counted(((MatrixResult)result.Value).Series.Count, Targets);
    }

    private static int Counted(int count, int expected) =>
        count == expected ? count : throw new InvalidOperationException($"{count} series instead of {expected}");

    private async Task<int> RunRange(string query, long stepMs, int series)
    {
        var result = await _engine!.ExecuteRangeAsync(
            _database!, query, NodeFleet.StartMs, EndMs, stepMs, null, CancellationToken.None);
        return Counted(((MatrixResult)result.Value).Series.Count, series);
    }

    private async Task<int> RunInstant(string query)
    {
        var result = await _engine!.ExecuteInstantAsync(_database!, query, EndMs, null, CancellationToken.None);
        return ((VectorResult)result.Value).Count;
    }

    private async Task Open()
    {
        _path = Directory.CreateTempSubdirectory("promhost-benchmark-").FullName;
        _database = Database.Open(
            new DatabaseOptions { DataPath = _path }, NullLogger.Instance, TimeProvider.System);
        await _database.ReplayAsync();
        await Fill();
        _engine = new QueryEngine(new QueryLimits(), new QueryFeatures(), TimeProvider.System);
    }

    private async Task Fill()
    {
        var series = NodeFleet.Series(Targets).ToArray();
        var refs = new SeriesRef[series.Length];
        using (var creator = _database!.CreateAppender())
        {
            for (var i = 0; i < series.Length; i++) refs[i] = creator.GetOrAddSeries(series[i], []);
            await creator.CommitAsync();
        }

        for (var scrape = 0; scrape < Scrapes; scrape++)
        {
            using var appender = _database.CreateAppender();
            for (var i = 0; i < series.Length; i++)
            {
                var isLong = i % NodeFleet.SeriesPerTarget < NodeFleet.CpuSeriesPerTarget;
                if (isLong || scrape >= Scrapes - ShortScrapes) Append(appender, refs[i], i, scrape);
            }

            await appender.CommitAsync();
        }
    }

    private static void Append(IAppender appender, SeriesRef series, int number, int scrape)
    {
        var timeMs = NodeFleet.StartMs + (scrape * NodeFleet.IntervalMs);
        appender.Append(series, [new FloatSample(timeMs, NodeFleet.Value(number, scrape))]);
    }
}
