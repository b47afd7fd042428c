using System.Buffers;
using System.Text;
using PromHost.Model;

namespace PromHost.Exposition.Tests;

public sealed class ExpositionWriterTests
{
    private static readonly Labels Get = Labels.FromPairs(("method", "get"), ("path", "a\\b\"c\nd"));

    [Fact]
    public void Write_GivesTheTextFormat()
    {
        Write(ExpositionFormat.PrometheusText, WriteSome).Should().Be("""
            # HELP http_requests_total Requests "so far",\nby \\ path.
            # TYPE http_requests_total counter
            http_requests_total{method="get",path="a\\b\"c\nd"} 3
            http_requests_total 1e+21 1234
            # TYPE up gauge
            up NaN
            # TYPE x untyped
            x -Inf

            """);
    }

    [Fact]
    public void Write_GivesOpenMetrics()
    {
        Write(ExpositionFormat.OpenMetrics, WriteSome).Should().Be("""
            # HELP http_requests Requests \"so far\",\nby \\ path.
            # TYPE http_requests counter
            http_requests_total{method="get",path="a\\b\"c\nd"} 3
            http_requests_total 1e+21 1.234
            # TYPE up gauge
            up NaN
            # TYPE x unknown
            x -Inf
            # EOF

            """);
    }

    [Theory]
    [InlineData(ExpositionFormat.PrometheusText, "1")]
    [InlineData(ExpositionFormat.OpenMetrics, "1.0")]
    public void WriteBucket_WritesBoundsCanonically(ExpositionFormat format, string bound)
    {
        var text = Write(format, writer =>
        {
            writer.BeginFamily("d_seconds", MetricFamilyType.Histogram, "", "seconds");
            writer.WriteBucket(default, 1, 2);
            writer.WriteBucket(Labels.FromPairs(("a", "b")), double.PositiveInfinity, 5);
            writer.WriteSum(default, 4.5);
            writer.WriteCount(default, 5);
        });
        text.Should().Contain($"d_seconds_bucket{{le=\"{bound}\"}} 2\n")
            .And.Contain("d_seconds_bucket{a=\"b\",le=\"+Inf\"} 5\nd_seconds_sum 4.5\nd_seconds_count 5\n");
        text.Contains("# UNIT d_seconds seconds\n", StringComparison.Ordinal)
            .Should().Be(format == ExpositionFormat.OpenMetrics);
    }

    [Fact]
    public void Write_QuotesNames_WhenTheyAreNotPlain()
    {
        Write(ExpositionFormat.PrometheusText, writer =>
        {
            writer.BeginFamily("my.metric", MetricFamilyType.Summary, "h");
            writer.WriteQuantile(Labels.FromPairs(("a.b", "c")), 0.5, 2);
            writer.WriteCount(default, 1);
        }).Should().Be("# HELP \"my.metric\" h\n# TYPE \"my.metric\" summary\n" +
            "{\"my.metric\",\"a.b\"=\"c\",quantile=\"0.5\"} 2\n{\"my.metric_count\"} 1\n");
    }

    [Fact]
    public void BeginFamily_CallsACounterUnknown_WhenOpenMetricsWouldRenameIt()
    {
        Write(ExpositionFormat.OpenMetrics, writer =>
        {
            writer.BeginFamily("odd_counter", MetricFamilyType.Counter, "");
            writer.WriteSample(default, 1);
        }).Should().Be("# TYPE odd_counter unknown\nodd_counter 1\n# EOF\n");
    }

    private static void WriteSome(ExpositionWriter writer)
    {
        writer.BeginFamily("http_requests_total", MetricFamilyType.Counter, "Requests \"so far\",\nby \\ path.");
        writer.WriteSample(Get, 3);
        writer.WriteSample(default, 1e21, 1234);
        writer.BeginFamily("up", MetricFamilyType.Gauge, "");
        writer.WriteSample(default, double.NaN);
        writer.BeginFamily("x", MetricFamilyType.Unknown, "");
        writer.WriteSample(default, double.NegativeInfinity);
    }

    private static string Write(ExpositionFormat format, Action<ExpositionWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ExpositionWriter(output, format);
        write(writer);
        writer.End();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
