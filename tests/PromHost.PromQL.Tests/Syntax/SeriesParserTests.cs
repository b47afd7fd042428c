using PromHost.Model;

namespace PromHost.PromQL.Tests;

public class SeriesParserTests
{
    [Fact]
    public void ParseSeriesDescription_ExpandsRepetitions()
    {
        var series = Parser.ParseSeriesDescription("up{job=\"a\", \"x.y\"='z',} 1 -2+3x2 _x2 5x1 stale 1.5e1 Inf");
        series.Labels.ToString().Should().Be("{__name__=\"up\", job=\"a\", \"x.y\"=\"z\"}");
        series.Values
            .Select(v => v.IsOmitted ? "_" : StaleMarker.Is(v.Value) ? "stale" : GoFloat.FormatGeneral(v.Value))
            .Should().Equal("1", "-2", "1", "4", "_", "_", "5", "5", "stale", "15", "+Inf");
    }

    [Fact]
    public void ParseSeriesDescription_ReadsHistograms()
    {
        const string Text =
            "{{schema:-53 count:10 sum:2.5 custom_values:[1 2] counter_reset_hint:gauge buckets:[1 2 3]}}";
        var values = Parser.ParseSeriesDescription("h {{sum:1}} " + Text).Values;
        values[0].Histogram!.Sum.Should().Be(1);
        values[0].IsCounterResetHintSet.Should().BeFalse();
        values[1].Histogram!.Should().BeEquivalentTo(new HistogramLiteral
        {
            Schema = -53,
            Count = 10,
            Sum = 2.5,
            CustomValues = [1, 2],
            ResetHint = CounterResetHint.Gauge,
            PositiveBuckets = [1, 2, 3],
        });
        values[1].IsCounterResetHintSet.Should().BeTrue();
    }

    [Fact]
    public void ParseSeriesDescription_LeavesSteppingOfHistogramsToTheReader()
    {
        var values = Parser.ParseSeriesDescription("h {{count:1}}-{{count:2 schema:1}}x2").Values;
        values.Select(v => v.IncrementCount).Should().Equal(0, -1, -2);
        values[2].Increment!.Count.Should().Be(2);
        values[0].Increment.Should().BeNull();
    }

    [Theory]
    [InlineData(
        "up 1 what",
        "1:6: parse error: unexpected identifier \"what\" in series values, expected number or \"stale\"")]
    [InlineData("up 1x", "1:6: parse error: unexpected end of input in series values")]
    [InlineData(
        "up 1x1.5",
        "1:6: parse error: invalid repetition in series values:" +
        " strconv.ParseUint: parsing \"1.5\": invalid syntax")]
    [InlineData("up(", "1:3: parse error: unexpected character in series sequence: '('")]
    [InlineData("up{}_", "1:5: parse error: unexpected \"_\" in series values")]
    [InlineData("up 1,2", "1:5: parse error: unexpected character in series sequence: ','")]
    [InlineData("up{a} 1", "1:5: parse error: unexpected \"}\" in label set, expected \"=\"")]
    [InlineData("up{a=b} 1", "1:6: parse error: unexpected identifier \"b\" in label set, expected string")]
    [InlineData(
        "up {{sum:1 1}}",
        "1:12: parse error: unexpected number \"1\" in histogram description," +
        " expected histogram description key, e.g. buckets:[5 10 7]")]
    [InlineData("up {{sum:1 buckets:[1 2}}", "1:24: parse error: invalid character in buckets description: '}'")]
    [InlineData("up 0x99999999999", "1:6: parse error: more than 10000000 values in a series")]
    public void ParseSeriesDescription_SaysWhatIsWrong(string text, string message) =>
        FluentActions.Invoking(() => Parser.ParseSeriesDescription(text)).Should().Throw<ParseException>()
            .Which.Message.Should().Be(message);
}
