using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>An answer of the query API, taken apart so that two can be compared.</summary>
internal sealed partial class Answer
{
    private const double RelativeTolerance = 1e-12;

    private Answer(JsonElement root)
    {
        Status = Text(root, "status");
        ErrorType = Text(root, "errorType");
        Error = WithSortedPair(Text(root, "error"));
        Warnings = Texts(root, "warnings");
        Infos = Texts(root, "infos");
        if (!root.TryGetProperty("data", out var data)) return;
        ResultType = Text(data, "resultType");
        var result = data.GetProperty("result");
        if (ResultType is "vector" or "matrix")
        {
            foreach (var series in result.EnumerateArray()) Series.Add((Metric(series), Points(series)));
        }
        else
        {
            Series.Add(("", [Point(result)]));
        }
    }

    public string Status { get; }

    public string ErrorType { get; }

    public string Error { get; }

    public string ResultType { get; } = "";

    public IReadOnlyList<string> Warnings { get; private set; }

    public IReadOnlyList<string> Infos { get; private set; }

    public List<(string Metric, List<(string Time, string Value)> Points)> Series { get; } = [];

    public bool IsEmpty => Series.Count == 0;

    public static Answer Parse(string json) => new(JsonDocument.Parse(json).RootElement);

    /// <summary>The answer without the warnings and infos that contain any of these texts.</summary>
    public Answer Without(params IReadOnlyList<string> texts)
    {
        bool IsKept(string text) => !texts.Any(t => text.Contains(t, StringComparison.Ordinal));
        Warnings = [.. Warnings.Where(IsKept)];
        Infos = [.. Infos.Where(IsKept)];
        return this;
    }

    /// <summary>What differs between two answers; empty when nothing does.</summary>
    /// <param name="other">The answer to compare with.</param>
    /// <param name="ordered">Must the series come in the same order?</param>
    public List<string> Differences(Answer other, bool ordered)
    {
        var differences = new List<string>();
        Compare("status", Status, other.Status);
        Compare("errorType", ErrorType, other.ErrorType);
        Compare("error", Error, other.Error);
        Compare("resultType", ResultType, other.ResultType);
        Compare("warnings", string.Join('\n', Warnings), string.Join('\n', other.Warnings));
        Compare("infos", string.Join('\n', Infos), string.Join('\n', other.Infos));
        var left = ordered ? Series : [.. Series.OrderBy(s => s.Metric, StringComparer.Ordinal)];
        var right = ordered ? other.Series : [.. other.Series.OrderBy(s => s.Metric, StringComparer.Ordinal)];
        Compare("series", string.Join('\n', left.Select(series => series.Metric)),
            string.Join('\n', right.Select(series => series.Metric)));
        if (differences.Count > 0) return differences;
        foreach (var (mine, theirs) in left.Zip(right))
        {
            Compare("times of " + mine.Metric, string.Join(' ', mine.Points.Select(p => p.Time)),
                string.Join(' ', theirs.Points.Select(p => p.Time)));
            if (differences.Count > 0) return differences;
            foreach (var (a, b) in mine.Points.Zip(theirs.Points))
            {
                if (!Near(a.Value, b.Value)) differences.Add($"{mine.Metric} at {a.Time}: {Unlike(a.Value, b.Value)}");
            }
        }

        return differences;

        void Compare(string what, string a, string b)
        {
            if (!string.Equals(a, b, StringComparison.Ordinal)) differences.Add($"{what}:\n{a}\n--- other ---\n{b}");
        }
    }

    // Prometheus names the two duplicates in the order it met them until 3.5, sorted later on.
    private static string WithSortedPair(string error)
    {
        var match = DuplicatePair().Match(error);
        if (!match.Success) return error;
        string[] pair = [match.Groups["first"].Value, match.Groups["second"].Value];
        Array.Sort(pair, StringComparer.Ordinal);
        return error.Replace(match.Value, $"[{pair[0]}, {pair[1]}]", StringComparison.Ordinal);
    }

    private static bool Near(string a, string b)
    {
        if (string.Equals(a, b, StringComparison.Ordinal)) return true;
        if (a.Contains(' '))
        {
            var (numbers, others) = (a.Split(' '), b.Split(' '));
            return numbers.Length == others.Length && numbers.Zip(others).All(pair => Near(pair.First, pair.Second));
        }

        if (!double.TryParse(a, CultureInfo.InvariantCulture, out var x) ||
            !double.TryParse(b, CultureInfo.InvariantCulture, out var y)) return false;
        return Math.Abs(x - y) <= RelativeTolerance * Math.Max(Math.Abs(x), Math.Abs(y));
    }

    // The numbers that differ, and their places.
    private static string Unlike(string a, string b)
    {
        var (numbers, others) = (a.Split(' '), b.Split(' '));
        if (numbers.Length != others.Length) return $"{a} / {b}";
        return string.Join(", ", Enumerable.Range(0, numbers.Length).Where(i => !Near(numbers[i], others[i]))
            .Select(i => $"[{i}] {numbers[i]} / {others[i]}"));
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static List<string> Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out var list)
            ? [.. list.EnumerateArray().Select(item => item.GetString() ?? "").Order(StringComparer.Ordinal)]
            : [];

    private static string Metric(JsonElement series) => string.Join(',', series.GetProperty("metric").EnumerateObject()
        .Select(label => $"{label.Name}={label.Value.GetString()}").Order(StringComparer.Ordinal));

    private static List<(string, string)> Points(JsonElement series)
    {
        var points = new List<(string, string)>();
        if (series.TryGetProperty("value", out var value)) points.Add(Point(value));
        if (series.TryGetProperty("histogram", out var histogram)) points.Add(Point(histogram));
        if (series.TryGetProperty("values", out var values)) points.AddRange(values.EnumerateArray().Select(Point));
        if (series.TryGetProperty("histograms", out var histograms))
            points.AddRange(histograms.EnumerateArray().Select(Point));
        return points;
    }

    [GeneratedRegex(@"\[(?<first>\{.*\}), (?<second>\{.*\})\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex DuplicatePair();

    private static (string, string) Point(JsonElement point) => (
        point[0].GetRawText(),
        point[1].ValueKind == JsonValueKind.Object ? Histogram(point[1]) : point[1].GetString() ?? "");

    // All of its numbers.
    private static string Histogram(JsonElement histogram)
    {
        var numbers = new List<string> { Text(histogram, "count"), Text(histogram, "sum") };
        if (histogram.TryGetProperty("buckets", out var buckets))
        {
            foreach (var bucket in buckets.EnumerateArray())
                numbers.AddRange(bucket.EnumerateArray().Select(static n => n.ToString()));
        }

        return string.Join(' ', numbers);
    }
}
