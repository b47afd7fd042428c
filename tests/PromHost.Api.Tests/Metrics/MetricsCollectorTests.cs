using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using PromHost.Exposition;

namespace PromHost.Api.Tests;

public sealed class MetricsCollectorTests : IDisposable
{
    private readonly Meter _meter = new("PromHost.Test." + Guid.NewGuid());
    private readonly MetricsCollector _collector;

    public MetricsCollectorTests() => _collector = new MetricsCollector(meter => ReferenceEquals(meter, _meter));

    public void Dispose()
    {
        _collector.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Write_AddsUpCounters_ByTags()
    {
        var counter = _meter.CreateCounter<long>("a_total", null, "Things.");
        counter.Add(2, new KeyValuePair<string, object?>("reason", "x"));
        counter.Add(3, new KeyValuePair<string, object?>("reason", "x"));
        counter.Add(1, new KeyValuePair<string, object?>("reason", 7));
        Text().Should().Be("# HELP a_total Things.\n# TYPE a_total counter\n" +
            "a_total{reason=\"7\"} 1\na_total{reason=\"x\"} 5\n");
    }

    [Fact]
    public void Write_OrdersFamiliesByName_AndLeavesOutSilentOnes()
    {
        _meter.CreateGauge<double>("z").Record(1.5);
        _meter.CreateUpDownCounter<int>("m").Add(-2);
        _meter.CreateCounter<int>("silent_total");
        Text().Should().Be("# TYPE m gauge\nm -2\n# TYPE z gauge\nz 1.5\n");
    }

    [Fact]
    public void Write_AsksObservedInstruments_EachTime()
    {
        var value = 1;
        _meter.CreateObservableGauge("g", () => value > 1
            ? [new Measurement<int>(value, new KeyValuePair<string, object?>("b", "2"))]
            : (Measurement<int>[])[new(value, new KeyValuePair<string, object?>("a", "1"))]);
        Text().Should().Contain("g{a=\"1\"} 1\n");
        value = 9;
        Text().Should().Be("# TYPE g gauge\ng{b=\"2\"} 9\n");
    }

    [Fact]
    public void Write_CountsHistogramsInTheirBuckets()
    {
        var histogram = _meter.CreateHistogram("h_seconds", "s", "", [],
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2] });
        histogram.Record(1);
        histogram.Record(1.5);
        histogram.Record(3);
        Text().Should().Be("# TYPE h_seconds histogram\nh_seconds_bucket{le=\"1\"} 1\n" +
            "h_seconds_bucket{le=\"2\"} 2\nh_seconds_bucket{le=\"+Inf\"} 3\nh_seconds_sum 5.5\nh_seconds_count 3\n");
    }

    [Fact]
    public void Write_TellsOfTheProcess()
    {
        var build = new BuildInfo("3.14.0", "r", "b", "u", "d", "go");
        ProcessMetrics.Register(_meter, build, "0.1.0");
        var text = Text();
        text.Should().Contain("promhost_build_info{runtime=\"go\",version=\"0.1.0\"} 1\n")
            .And.Contain("prometheus_build_info{branch=\"b\",goversion=\"go\",revision=\"r\",version=\"3.14.0\"} 1\n");
        foreach (var name in (string[])["process_cpu_seconds_total", "process_start_time_seconds",
            "process_resident_memory_bytes", "dotnet_gc_heap_bytes", "dotnet_gc_collections_total{generation=\"0\"}"])
        {
            text.Should().MatchRegex($"(?m)^{System.Text.RegularExpressions.Regex.Escape(name)} [0-9]");
        }
    }

    private string Text()
    {
        var output = new ArrayBufferWriter<byte>();
        _collector.Write(output, ExpositionFormat.PrometheusText);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
