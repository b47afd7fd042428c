using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public class MetadataRecordsTests
{
    [Theory]
    [InlineData("up", "gauge", "up", "")]
    [InlineData("requests_total", "counter", "requests_total", "")]
    [InlineData("requests", "counter", "requests_total", "requests")]
    [InlineData("latency", "histogram", "latency_bucket", "")]
    [InlineData("latency", "histogram", "latency", "")]
    [InlineData("latency", "summary", "latency_sum", "")]
    [InlineData("queue", "gaugehistogram", "queue_gcount", "")]
    [InlineData("build", "info", "build_info", "build")]
    [InlineData("states", "stateset", "states", "")]
    [InlineData("what", "unknown", "what", "")]
    public void Decode_GivesTheFamilyBack(string family, string type, string metricName, string named)
    {
        var metadata = new MetricMetadata(type, "Help, with \"quotes\".", "seconds");

        var logged = MetadataRecords.Encode(family, metadata, metricName, 7);

        logged.Ref.Should().Be(7);
        logged.Family.Should().Be(named);
        MetadataRecords.Decode(logged, metricName).Should().Be((family, metadata));
    }

    [Fact]
    public void Decode_TakesTypesOfTheFutureForUnknown() =>
        MetadataRecords.Decode(new WalMetadata(1, 99, "", "h"), "a")
            .Should().Be(("a", new MetricMetadata("unknown", "h", "")));
}
