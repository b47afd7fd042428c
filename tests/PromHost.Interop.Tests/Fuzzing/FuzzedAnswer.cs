using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>An answer of the query API with native histograms, taken apart for comparison.</summary>
internal sealed partial class FuzzedAnswer
{
    private FuzzedAnswer(JsonElement root)
    {
        ErrorType = root.TryGetProperty("errorType", out var type) ? type.GetString()! : string.Empty;
        Error = root.TryGetProperty("error", out var error) ? error.GetString()! : string.Empty;
        Warnings = Texts(root, "warnings");
        Infos = Texts(root, "infos");
        if (!root.TryGetProperty("data", out var data)) return;
        var result = data.GetProperty("result");
        var isList = data.GetProperty("resultType").GetString() is "vector" or "matrix";
        IsScalar = !isList;
        if (isList)
        {
            foreach (var series in result.EnumerateArray()) AddSeries(series);
        }
        else
        {
            Labels.Add(string.Empty);
            Add(string.Empty, result, isHistogram: false);
        }
    }

    /// <summary>Empty for a success.</summary>
    public string ErrorType { get; private set; }

    /// <summary>The text of the error.</summary>
    public string Error { get; private set; }

    /// <summary>The warnings, ordered by text.</summary>
    public IReadOnlyList<string> Warnings { get; private set; }

    /// <summary>The infos, ordered by text.</summary>
    public IReadOnlyList<string> Infos { get; private set; }

    /// <summary>Is the answer one number?</summary>
    public bool IsScalar { get; }

    /// <summary>The labels of the series in the order of the answer.</summary>
    public List<string> Labels { get; } = [];

    /// <summary>The points by series and time: numbers, one for a float and more for a histogram.</summary>
    public Dictionary<(string Labels, string Time), string[]> Points { get; } = [];

    /// <summary>Reads an answer.</summary>
    public static FuzzedAnswer Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new FuzzedAnswer(document.RootElement);
    }

    /// <summary>Adds an answer for another step, or its error.</summary>
    public void Take(FuzzedAnswer step)
    {
        if (ErrorType.Length == 0) (ErrorType, Error) = (step.ErrorType, step.Error);
        Warnings = Union(Warnings, step.Warnings);
        Infos = Union(Infos, step.Infos);
        foreach (var (key, numbers) in step.Points) Points[key] = numbers;
    }

    /// <summary>
    /// The answer without names of metrics; null where two series have a point at the same step then.
    /// </summary>
    public FuzzedAnswer? WithoutNames()
    {
        var answer = Parse("{}");
        foreach (var (key, numbers) in Points)
        {
            var labels = string.Join(',', key.Labels.Split(',')
                .Where(static label => !label.StartsWith("__name__=", StringComparison.Ordinal)));
            if (!answer.Points.TryAdd((labels, key.Time), numbers)) return null;
        }

        return answer;
    }

    /// <summary>What differs; empty when nothing does.</summary>
    /// <param name="other">The other answer.</param>
    /// <param name="isOrdered">Does the order of the series matter?</param>
    /// <param name="tolerance">By what part of themselves numbers may differ.</param>
    /// <param name="isPlaced">Does it matter to what place of the query a warning or info points?</param>
    public List<FuzzDifference> Differences(
        FuzzedAnswer other, bool isOrdered, double tolerance, bool isPlaced = true)
    {
        var differences = new List<FuzzDifference>();
        if (!string.Equals(ErrorType, other.ErrorType, StringComparison.Ordinal))
        {
            differences.Add(new FuzzDifference(
                FuzzAspect.Error, $"{ErrorType} {Error}", $"{other.ErrorType} {other.Error}"));
            return differences;
        }

        if (ErrorType.Length > 0) return differences;
        foreach (var (mine, theirs) in ((IReadOnlyList<string>, IReadOnlyList<string>)[])
            [(Warnings, other.Warnings), (Infos, other.Infos)])
        {
            var (texts, others) = isPlaced ? (mine, theirs) : (Unplaced(mine), Unplaced(theirs));
            foreach (var text in texts.Except(others, StringComparer.Ordinal))
                differences.Add(new FuzzDifference(FuzzAspect.Annotation, text, string.Empty));
            foreach (var text in others.Except(texts, StringComparer.Ordinal))
                differences.Add(new FuzzDifference(FuzzAspect.Annotation, string.Empty, text));
        }

        if (isOrdered && !IsOrderedAs(other, tolerance))
        {
            differences.Add(new FuzzDifference(
                FuzzAspect.Order, string.Join(' ', Labels), string.Join(' ', other.Labels)));
        }

        foreach (var key in Points.Keys.Union(other.Points.Keys))
        {
            var mine = Points.GetValueOrDefault(key) ?? [];
            var theirs = other.Points.GetValueOrDefault(key) ?? [];
            if (AreNear(mine, theirs, tolerance)) continue;
            differences.Add(new FuzzDifference(
                mine.Length == 0 || theirs.Length == 0 ? FuzzAspect.Presence
                    : mine.Length == 1 && theirs.Length == 1 ? FuzzAspect.Float : FuzzAspect.Histogram,
                $"{key.Labels}@{key.Time} {string.Join(' ', mine)}",
                $"{key.Labels}@{key.Time} {string.Join(' ', theirs)}"));
            if (differences.Count > 20) break;
        }

        return differences;
    }

    // By values; those of the same value have no order.
    private bool IsOrderedAs(FuzzedAnswer other, double tolerance)
    {
        if (Labels.SequenceEqual(other.Labels, StringComparer.Ordinal)) return true;
        return Labels.Count == other.Labels.Count && Labels.Count == Points.Count &&
            Values(this).Zip(Values(other)).All(pair => AreNear(pair.First, pair.Second, tolerance));

        static IEnumerable<string[]> Values(FuzzedAnswer answer)
        {
            var time = answer.Points.Keys.First().Time;
            return answer.Labels.Select(labels => answer.Points.GetValueOrDefault((labels, time), []));
        }
    }

    private static bool AreNear(string[] mine, string[] theirs, double tolerance)
    {
        if (mine.Length == 0 || theirs.Length == 0 || (mine.Length == 1) != (theirs.Length == 1)) return false;
        if (mine.Length == 1) return AreNear(mine[0], theirs[0], tolerance);
        // What is next to nothing in a bucket may be nothing, and the bucket not be there.
        var ours = Numbers(mine);
        var others = Numbers(theirs);
        return ours.Keys.Union(others.Keys, StringComparer.Ordinal).All(key =>
            AreNear(ours.GetValueOrDefault(key, "0"), others.GetValueOrDefault(key, "0"), tolerance));
    }

    private static bool AreNear(string mine, string theirs, double tolerance)
    {
        if (string.Equals(mine, theirs, StringComparison.Ordinal)) return true;
        if (!double.TryParse(mine, CultureInfo.InvariantCulture, out var a) ||
            !double.TryParse(theirs, CultureInfo.InvariantCulture, out var b))
            return false;
        // Zeros of both signs are equal here.
        return a == b || Math.Abs(a - b) <= tolerance * Math.Max(1, Math.Max(Math.Abs(a), Math.Abs(b)));
    }

    // Of a histogram: count, sum, and the counts of the buckets by their bounds.
    private static Dictionary<string, string> Numbers(string[] parts)
    {
        var numbers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["count"] = parts[1],
            ["sum"] = parts[3],
        };
        for (var i = 4; i < parts.Length; i += 4) numbers[$"{parts[i]} {parts[i + 1]} {parts[i + 2]}"] = parts[i + 3];
        return numbers;
    }

    private static List<string> Texts(JsonElement root, string name) =>
        root.TryGetProperty(name, out var texts)
            ? [.. texts.EnumerateArray().Select(static text => ExplainedDifferences.Comparable(text.GetString()!))
                .Order(StringComparer.Ordinal)]
            : [];

    private static List<string> Unplaced(IReadOnlyList<string> texts) =>
        [.. texts.Select(static text => Place().Replace(text, string.Empty))];

    private static List<string> Union(IReadOnlyList<string> texts, IReadOnlyList<string> others) =>
        [.. texts.Union(others, StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static string Text(JsonElement part) =>
        part.ValueKind == JsonValueKind.String ? part.GetString()! : part.GetRawText();

    private void AddSeries(JsonElement series)
    {
        var labels = string.Join(',', series.GetProperty("metric").EnumerateObject()
            .Select(static label => $"{label.Name}={label.Value.GetString()}").Order(StringComparer.Ordinal));
        Labels.Add(labels);
        if (series.TryGetProperty("value", out var value)) Add(labels, value, isHistogram: false);
        if (series.TryGetProperty("histogram", out var histogram)) Add(labels, histogram, isHistogram: true);
        if (series.TryGetProperty("values", out var values))
        {
            foreach (var point in values.EnumerateArray()) Add(labels, point, isHistogram: false);
        }

        if (!series.TryGetProperty("histograms", out var histograms)) return;
        foreach (var point in histograms.EnumerateArray()) Add(labels, point, isHistogram: true);
    }

    private void Add(string labels, JsonElement point, bool isHistogram)
    {
        var value = point[1];
        string[] numbers = isHistogram
            ?
            [
                "count", value.GetProperty("count").GetString()!, "sum", value.GetProperty("sum").GetString()!,
                .. value.TryGetProperty("buckets", out var buckets)
                    ? buckets.EnumerateArray().SelectMany(static bucket => bucket.EnumerateArray()).Select(Text)
                    : [],
            ]
            : [value.GetString()!];
        Points[(labels, point[0].GetDecimal().ToString("0.###", CultureInfo.InvariantCulture))] = numbers;
    }

    [GeneratedRegex(@" \(\d+:\d+\)$", RegexOptions.None, 1000)]
    private static partial Regex Place();
}
