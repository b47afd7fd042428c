namespace PromHost.Exposition.Tests;

public sealed class ExpositionFormatsTests
{
    [Theory]
    [InlineData(null, ExpositionFormat.PrometheusText)]
    [InlineData("", ExpositionFormat.PrometheusText)]
    [InlineData("*/*", ExpositionFormat.PrometheusText)]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", ExpositionFormat.PrometheusText)]
    [InlineData("application/openmetrics-text", ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2",
        ExpositionFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.1,text/plain;version=0.0.4;q=0.2",
        ExpositionFormat.PrometheusText)]
    [InlineData("application/openmetrics-text;q=0", ExpositionFormat.PrometheusText)]
    [InlineData("application/openmetrics-text; version=9.9.9", ExpositionFormat.PrometheusText)]
    public void Negotiate_PrefersAsTheClientDoes(string? accept, ExpositionFormat expected) =>
        ExpositionFormats.Negotiate(accept).Should().Be(expected);
}
