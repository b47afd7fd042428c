using System.Text.Json;
using PromHost.Api;
using PromHost.Model;

namespace PromHost.Server;

/// <summary>Answers as tables: a column for each label, a line for each series or point.</summary>
internal static class AnswerTable
{
    // The years 1 to 9999, which are all that there are in .NET.
    private const double MinSeconds = -62_135_596_800;
    private const double MaxSeconds = 253_402_300_799;

    /// <summary>The result of a query.</summary>
    public static TextTable OfResult(JsonElement data)
    {
        var result = data.GetProperty("result");
        var type = data.GetProperty("resultType").GetString();
        if (type is not ("vector" or "matrix"))
        {
            var single = new TextTable(["time", "value"], [false, type == "scalar"]);
            var text = type == "scalar" ? MetricText.Value(result[1]) : Plain(result[1].GetString());
            single.Add([Time(result[0]), text]);
            return single;
        }

        var names = Names(result.EnumerateArray().Select(series => series.GetProperty("metric")));
        var hasHistograms = result.EnumerateArray().Any(
            series => series.TryGetProperty("histogram", out _) || series.TryGetProperty("histograms", out _));
        var table = new TextTable(
            [.. names.Select(Plain), "time", "value"], [.. names.Select(_ => false), false, !hasHistograms]);
        foreach (var series in result.EnumerateArray())
        {
            var labels = Labels(series.GetProperty("metric"), names);
            foreach (var (time, value) in Points(series)) table.Add([.. labels, time, value]);
        }

        return table;
    }

    /// <summary>A list of label sets.</summary>
    public static TextTable OfSeries(JsonElement data)
    {
        var names = Names(data.EnumerateArray());
        var table = new TextTable([.. names.Select(Plain)], [.. names.Select(_ => false)]);
        foreach (var labels in data.EnumerateArray()) table.Add(Labels(labels, names));
        return table;
    }

    /// <summary>A list of label names or values.</summary>
    public static TextTable OfLabels(JsonElement data, string title)
    {
        var table = new TextTable([Plain(title)], [false]);
        foreach (var value in data.EnumerateArray()) table.Add([Plain(value.GetString())]);
        return table;
    }

    /// <summary>A text that stays on its line.</summary>
    internal static string Plain(string? text) =>
        text is null ? "" : text.Any(char.IsControl) ? GoText.Quote(text) : text;

    // The metric name is the first: '_' is below small letters, but not below all that a label name may begin with.
    private static List<string> Names(IEnumerable<JsonElement> metrics) =>
    [
        .. metrics.SelectMany(metric => metric.EnumerateObject().Select(label => label.Name))
            .Distinct(StringComparer.Ordinal)
            .OrderBy(name => name == "__name__" ? 0 : 1).ThenBy(name => name, StringComparer.Ordinal),
    ];

    private static string[] Labels(JsonElement metric, List<string> names) =>
    [
        .. names.Select(name => metric.TryGetProperty(name, out var value) ? Plain(value.GetString()) : ""),
    ];

    private static IEnumerable<(string Time, string Value)> Points(JsonElement series)
    {
        if (series.TryGetProperty("value", out var value)) yield return Float(value);
        if (series.TryGetProperty("histogram", out var histogram)) yield return Histogram(histogram);
        if (series.TryGetProperty("values", out var values))
            foreach (var point in values.EnumerateArray()) yield return Float(point);
        if (series.TryGetProperty("histograms", out var histograms))
            foreach (var point in histograms.EnumerateArray()) yield return Histogram(point);
    }

    private static (string Time, string Value) Float(JsonElement point) =>
        (Time(point[0]), MetricText.Value(point[1]));

    private static (string Time, string Value) Histogram(JsonElement point) =>
        (Time(point[0]), MetricText.Histogram(point[1]));

    private static string Time(JsonElement time)
    {
        var seconds = time.GetDouble();
        return seconds is >= MinSeconds and < MaxSeconds
            ? RequestTime.FormatRfc3339(DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000)))
            : MetricText.Time(time);
    }
}
