using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Api.Tests;

public sealed class MatrixJsonWriterTests
{
    private static readonly long[] s_grid = [.. Enumerable.Range(0, 12_000).Select(i => 1_435_781_400_000 + i * 250L)];

    // Series of all lengths up to several pieces: with the grid's times, with a part of them, with their own, and with
    // histograms behind the floats or alone.
    private static readonly MatrixSeries[] s_series = [.. Enumerable.Range(0, 40).Select(Series)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task WriteAsync_WritesEverythingInOrder_WithHelpOrWithout(int workers)
    {
        using var engine = Engine(workers);
        (await WriteAsync(s_series, s_series.Length, engine, ApiServer.Token)).Should().Be(Expected(s_series));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    public async Task WriteAsync_EndsAtTheLimit(int count)
    {
        using var engine = Engine(workers: 3);
        (await WriteAsync(s_series, count, engine, ApiServer.Token)).Should().Be(Expected(s_series[..count]));
    }

    [Fact]
    public async Task WriteAsync_DoesAllItself_WhenNobodyHelps()
    {
        var engine = Engine(workers: 3);
        engine.Dispose();
        (await WriteAsync(s_series, s_series.Length, engine, ApiServer.Token)).Should().Be(Expected(s_series));
    }

    [Theory]
    [InlineData(2, 512)]
    [InlineData(2000, 2)]
    public async Task WriteAsync_Ends_InTheMiddleOfASeriesOfHistograms(int buckets, int mostPerPiece)
    {
        using var cancel = new CancellationTokenSource();
        var alone = new WatchedCounts(buckets, static () => { });
        Text((ref JsonBuffer json) => HistogramJson.Write(ref json, alone.Histogram));
        var watched = new WatchedCounts(buckets, cancel.Cancel);
        var series = new MatrixSeries(Labels.FromPairs(("a", "b")), default, default,
            Enumerable.Range(0, 5000).Select(static i => (long)i).ToArray(),
            Enumerable.Repeat(watched.Histogram, 5000).ToArray());
        using var engine = Engine(workers: 1);

        var write = () => WriteAsync([series], 1, engine, cancel.Token);

        await write.Should().ThrowAsync<OperationCanceledException>();
        watched.Reads.Should().BePositive().And.BeLessThanOrEqualTo(alone.Reads * mostPerPiece);
    }

    private static QueryEngine Engine(int workers) =>
        new(new QueryLimits { Workers = workers }, new QueryFeatures(), TimeProvider.System);

    private static async Task<string> WriteAsync(
        MatrixSeries[] series, int count, QueryEngine engine, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream();
        var http = new DefaultHttpContext();
        http.Response.Body = stream;
        await using var body = new ResponseBody(http, ContentCoding.Identity);
        await new MatrixJsonWriter(series, count, engine).WriteAsync(body, cancellationToken);
        await body.CompleteAsync(cancellationToken);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Expected(MatrixSeries[] series) =>
        "{\"resultType\":\"matrix\",\"result\":[" + string.Join(',', series.Select(one =>
        {
            var parts = new List<string> { "\"metric\":" + Text((ref JsonBuffer json) => json.Labels(one.Labels)) };
            var floats = Enumerable.Range(0, one.Values.Length).Select(i => Text((ref JsonBuffer json) =>
                json.Point(one.TimestampsMs.Span[i], one.Values.Span[i]))).ToList();
            if (floats.Count > 0) parts.Add("\"values\":[" + string.Join(',', floats) + "]");
            var histograms = Enumerable.Range(0, one.Histograms.Length).Select(i => Text((ref JsonBuffer json) =>
            {
                json.Raw("["u8);
                json.Timestamp(one.HistogramTimestampsMs.Span[i]);
                json.Raw(","u8);
                HistogramJson.Write(ref json, one.Histograms.Span[i]);
                json.Raw("]"u8);
            })).ToList();
            if (histograms.Count > 0) parts.Add("\"histograms\":[" + string.Join(',', histograms) + "]");
            return "{" + string.Join(',', parts) + "}";
        })) + "]";

    private static MatrixSeries Series(int index)
    {
        var random = new Random(index);
        var count = index % 4 == 3 ? 0 : 1 + random.Next(9000);
        var grid = s_grid.AsMemory(random.Next(s_grid.Length - count), count);
        var times = index % 4 == 2 ? grid.ToArray() : grid;
        var histogramCount = index % 4 == 3 || index % 5 == 0 ? 1 + random.Next(300) : 0;
        return new MatrixSeries(
            Labels.FromPairs(("__name__", "m"), ("i", $"{index}")),
            times,
            Enumerable.Range(0, count).Select(_ => ValueOf(random)).ToArray(),
            Enumerable.Range(0, histogramCount).Select(i => 1000L * i).ToArray(),
            Enumerable.Range(0, histogramCount).Select(i => Histogram(random)).ToArray());
    }

    private static double ValueOf(Random random) => random.Next(5) switch
    {
        0 => random.Next(),
        1 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        2 => double.NaN,
        _ => random.NextDouble(),
    };

    private static NativeHistogram Histogram(Random random) => new()
    {
        Schema = 0,
        Count = 5,
        Sum = random.NextDouble(),
        ZeroCount = 2,
        ZeroThreshold = 0.001,
        PositiveSpans = new HistogramSpan[] { new(random.Next(4), 2) },
        PositiveCounts = new double[] { 1, 2 },
    };

    private static string Text(Write write)
    {
        var output = new ArrayBufferWriter<byte>();
        var json = new JsonBuffer(output);
        write(ref json);
        json.Commit();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>The counts of a histogram that tell when they are read.</summary>
    private sealed class WatchedCounts(int buckets, Action reading) : MemoryManager<double>
    {
        private readonly double[] _counts = [.. Enumerable.Repeat(1.0, buckets)];

        public int Reads { get; private set; }

        public NativeHistogram Histogram => new()
        {
            Schema = 0,
            Count = buckets,
            Sum = 1,
            PositiveSpans = new HistogramSpan[] { new(0, (uint)buckets) },
            PositiveCounts = CreateMemory(buckets),
        };

        public override Span<double> GetSpan()
        {
            Reads++;
            reading();
            return _counts;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }

    private delegate void Write(ref JsonBuffer json);
}
