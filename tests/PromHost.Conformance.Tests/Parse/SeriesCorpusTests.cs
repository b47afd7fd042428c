using System.Globalization;
using System.Text.Json;
using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

public class SeriesCorpusTests
{
    [Fact]
    public void Series_ParseToTheValuesOrFailWithTheError() =>
        CorpusFile.Open("promql-parse/series.json").RunAll(Check);

    [Fact]
    public void Histograms_PrintAsGivenAndReadBack() =>
        CorpusFile.Open("promql-parse/histogram_text.json").RunAll(item =>
        {
            var expected = item.GetProperty("text").GetString()!;
            var printed = ReadHistogram(item.GetProperty("histogram")).ToString();
            if (!string.Equals(printed, expected, StringComparison.Ordinal)) return "prints as " + printed;
            var again = Parser.ParseSeriesDescription("{} " + printed).Values[0].Histogram!.ToString();
            return string.Equals(again, expected, StringComparison.Ordinal) ? null : "reads back as " + again;
        });

    private static string? Check(JsonElement item)
    {
        var text = item.GetProperty("input").GetString()!;
        var isGood = item.GetProperty("ok").GetBoolean();
        try
        {
            var series = Parser.ParseSeriesDescription(text);
            return isGood ? Compare(item, series) : "parses";
        }
        catch (ParseException e)
        {
            if (isGood) return e.Message;
            if (item.TryGetProperty("error", out var error))
                return string.Equals(e.Message, error.GetString(), StringComparison.Ordinal) ? null : e.Message;
            if (item.TryGetProperty("error_contains", out var part))
                return e.Message.Contains(part.GetString()!, StringComparison.Ordinal) ? null : e.Message;
            return null;
        }
    }

    private static string? Compare(JsonElement item, SeriesDescription series)
    {
        var labels = new LabelsBuilder();
        foreach (var label in item.GetProperty("labels").EnumerateObject())
            labels.Set(label.Name, label.Value.GetString()!);
        if (labels.ToLabels() != series.Labels) return "labels are " + series.Labels;
        var expected = item.GetProperty("values").EnumerateArray().Select(WriteExpected);
        var actual = series.Values.Select(WriteActual).ToList();
        return expected.SequenceEqual(actual, StringComparer.Ordinal) ? null : "values are " + string.Join(' ', actual);
    }

    private static string WriteExpected(JsonElement value)
    {
        if (value.TryGetProperty("omitted", out _)) return "_";
        return value.TryGetProperty("histogram", out var histogram)
            ? ReadHistogram(histogram).ToString()
            : value.GetProperty("value").ToString();
    }

    private static string WriteActual(SequenceValue value)
    {
        if (value.IsOmitted) return "_";
        if (value.Histogram is not { } histogram) return value.Value.ToString(CultureInfo.InvariantCulture);
        if (value.Increment is not { } increment) return histogram.ToString();

        // The corpus only adds histograms of equal layout.
        var buckets = histogram.PositiveBuckets
            .Zip(increment.PositiveBuckets, (a, b) => a + (b * value.IncrementCount));
        return (histogram with { PositiveBuckets = [.. buckets] }).ToString();
    }

    private static HistogramLiteral ReadHistogram(JsonElement json) => new()
    {
        Schema = json.GetProperty("schema").GetInt32(),
        Count = json.GetProperty("count").GetDouble(),
        Sum = json.GetProperty("sum").GetDouble(),
        ZeroCount = json.GetProperty("zero_count").GetDouble(),
        ZeroThreshold = json.GetProperty("zero_threshold").GetDouble(),
        PositiveOffset = OffsetOf(json.GetProperty("positive_spans")),
        PositiveBuckets = Spread(json.GetProperty("positive_spans"), json.GetProperty("positive_buckets")),
        NegativeOffset = OffsetOf(json.GetProperty("negative_spans")),
        NegativeBuckets = Spread(json.GetProperty("negative_spans"), json.GetProperty("negative_buckets")),
        CustomValues = [.. json.GetProperty("custom_values").EnumerateArray().Select(static v => v.GetDouble())],
        ResetHint = json.GetProperty("counter_reset_hint").GetString() switch
        {
            "reset" => CounterResetHint.CounterReset,
            "not_reset" => CounterResetHint.NotCounterReset,
            "gauge" => CounterResetHint.Gauge,
            _ => null,
        },
    };

    private static int OffsetOf(JsonElement spans) =>
        spans.GetArrayLength() == 0 ? 0 : spans[0].GetProperty("offset").GetInt32();

    // The notation has one run of buckets: gaps between spans are buckets of zero.
    private static List<double> Spread(JsonElement spans, JsonElement buckets)
    {
        var spread = new List<double>();
        var next = 0;
        foreach (var span in spans.EnumerateArray())
        {
            if (spread.Count > 0) spread.AddRange(new double[span.GetProperty("offset").GetInt32()]);
            for (var i = span.GetProperty("length").GetInt32(); i > 0; i--) spread.Add(buckets[next++].GetDouble());
        }

        return spread;
    }
}
