using System.Text.Json;

namespace PromHost.Server;

/// <summary>Writes what a server answered.</summary>
/// <param name="output">Where.</param>
/// <param name="format">How.</param>
internal sealed class AnswerWriter(TextWriter output, AnswerFormat format)
{
    /// <summary>Writes the result of a query.</summary>
    public void WriteResult(JsonElement data)
    {
        var result = data.GetProperty("result");
        if (format == AnswerFormat.Json) WriteJson(result);
        else if (format == AnswerFormat.Table) AnswerTable.OfResult(data).Write(output);
        else WriteResult(data.GetProperty("resultType").GetString(), result);
    }

    /// <summary>Writes a list of label sets.</summary>
    public void WriteSeries(JsonElement data)
    {
        if (format == AnswerFormat.Json) WriteJson(data);
        else if (format == AnswerFormat.Table) AnswerTable.OfSeries(data).Write(output);
        else foreach (var labels in data.EnumerateArray()) output.Write(MetricText.LabelSet(labels) + "\n");
    }

    /// <summary>Writes a list of label names or values.</summary>
    /// <param name="data">The list.</param>
    /// <param name="title">What they are.</param>
    public void WriteLabels(JsonElement data, string title)
    {
        if (format == AnswerFormat.Json) WriteJson(data);
        else if (format == AnswerFormat.Table) AnswerTable.OfLabels(data, title).Write(output);
        else foreach (var value in data.EnumerateArray()) output.Write(value.GetString() + "\n");
    }

    /// <summary>Writes the plan of a query; false when the server sent none.</summary>
    public bool TryWriteExplanation(JsonElement data)
    {
        if (!data.TryGetProperty("explain", out var plan)) return false;
        if (format == AnswerFormat.Json) WriteJson(plan);
        else ExplanationTable.Of(plan).Write(output);
        return true;
    }

    private void WriteJson(JsonElement element) => output.Write(element.GetRawText() + "\n");

    private void WriteResult(string? type, JsonElement result)
    {
        switch (type)
        {
            case "vector":
                output.Write(string.Join('\n', result.EnumerateArray().Select(Sample)) + "\n");
                break;
            case "matrix":
                var series = result.EnumerateArray()
                    .OrderBy(one => MetricText.LabelsOf(one.GetProperty("metric")), Comparer<
                        IReadOnlyList<KeyValuePair<string, string>>>.Create(MetricText.Compare));
                output.Write(string.Join('\n', series.Select(Stream)) + "\n");
                break;
            case "scalar":
                output.Write($"scalar: {MetricText.Value(result[1])} @[{MetricText.Time(result[0])}]\n");
                break;
            default:
                output.Write(result[1].GetString() + "\n");
                break;
        }
    }

    private static string Sample(JsonElement sample)
    {
        var metric = MetricText.Metric(sample.GetProperty("metric"));
        return sample.TryGetProperty("histogram", out var histogram)
            ? $"{metric} => {HistogramPoint(histogram)}"
            : $"{metric} => {Point(sample.GetProperty("value"))}";
    }

    private static string Stream(JsonElement series)
    {
        IEnumerable<string> lines = [MetricText.Metric(series.GetProperty("metric")) + " =>"];
        if (series.TryGetProperty("values", out var values))
            lines = lines.Concat(values.EnumerateArray().Select(Point));
        if (series.TryGetProperty("histograms", out var histograms))
            lines = lines.Concat(histograms.EnumerateArray().Select(HistogramPoint));
        return string.Join('\n', lines);
    }

    private static string Point(JsonElement point) =>
        $"{MetricText.Value(point[1])} @[{MetricText.Time(point[0])}]";

    private static string HistogramPoint(JsonElement point) =>
        $"{MetricText.Histogram(point[1])} @[{MetricText.Time(point[0])}]";
}
