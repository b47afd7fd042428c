using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using PromHost.Api;
using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Benchmarks;

/// <summary>
/// Writing the answer of a range query, 960 series of 360 points, to nowhere; the figures are per point.
/// </summary>
public class JsonBenchmarks
{
    private const int SeriesCount = 960;
    private const int Points = 360;
    private readonly QueryEngine _engine =
        new(new QueryLimits { Workers = 1 }, new QueryFeatures(), TimeProvider.System);
    private MatrixResult? _matrix;

    public enum Shape
    {
        /// <summary>Whole numbers, as of gauges and counters.</summary>
        Integer,

        /// <summary>Two decimals, as of loads and processor seconds.</summary>
        Hundredths,

        /// <summary>The same number always, as of sizes.</summary>
        Same,

        /// <summary>All digits, as of rates.</summary>
        Rate,
    }

    [Params(Shape.Integer, Shape.Hundredths, Shape.Same, Shape.Rate)]
    public Shape Data { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(6);
        var times = new long[Points];
        for (var i = 0; i < Points; i++) times[i] = NodeFleet.StartMs + (i * 60_000L);
        _matrix = new MatrixResult([.. NodeFleet.Series(targets: 2).Take(SeriesCount).Select(labels =>
        {
            var values = new double[Points];
            for (var i = 0; i < Points; i++)
            {
                values[i] = Data switch
                {
                    Shape.Integer => random.Next(1_000_000),
                    Shape.Hundredths => random.Next(10_000_000) / 100.0,
                    Shape.Same => 16_650_113_024,
                    _ => random.NextDouble() * 2,
                };
            }

            return new MatrixSeries(labels, times, values, default, ReadOnlyMemory<NativeHistogram>.Empty);
        })]);
    }

    [Benchmark(OperationsPerInvoke = SeriesCount * Points)]
    public Task Plain() => Write(ContentCoding.Identity);

    [Benchmark(OperationsPerInvoke = SeriesCount * Points)]
    public Task Gzip() => Write(ContentCoding.Gzip);

    private async Task Write(ContentCoding coding)
    {
        var http = new DefaultHttpContext();
        http.Response.Body = Stream.Null;
        await using var body = new ResponseBody(http, coding);
        await QueryResultJsonWriter.WriteAsync(body, _matrix!, int.MaxValue, _engine, CancellationToken.None);
        await body.CompleteAsync(CancellationToken.None);
    }
}
