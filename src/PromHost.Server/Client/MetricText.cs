using System.Globalization;
using System.Text;
using System.Text.Json;
using PromHost.Model;

namespace PromHost.Server;

/// <summary>Parts of answers in the notation in which promtool writes them.</summary>
internal static class MetricText
{
    private const string MetricName = "__name__";

    /// <summary>Labels in the order of their names.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> LabelsOf(JsonElement labels) =>
    [
        .. labels.EnumerateObject().Select(label => KeyValuePair.Create(label.Name, label.Value.GetString() ?? ""))
            .OrderBy(label => label.Key, StringComparer.Ordinal),
    ];

    /// <summary><c>name{a="b"}</c>; label names are not quoted, whatever is in them.</summary>
    public static string Metric(JsonElement labels)
    {
        var all = LabelsOf(labels);
        var name = all.FirstOrDefault(label => label.Key == MetricName).Value ?? "";
        var rest = all.Where(label => label.Key != MetricName).ToList();
        return name.Length > 0 && rest.Count == 0 ? name : name + Braces(rest);
    }

    /// <summary><c>{__name__="name", a="b"}</c>.</summary>
    public static string LabelSet(JsonElement labels) => Braces(LabelsOf(labels));

    /// <summary>A value, never with an exponent.</summary>
    public static string Value(JsonElement value) => GoFloat.FormatPlain(Number(value));

    /// <summary>Seconds since the Unix epoch, as few decimals as are needed.</summary>
    public static string Time(JsonElement seconds) => GoFloat.FormatPlain(seconds.GetDouble());

    /// <summary><c>Count: 3.000000, Sum: 4.500000, Buckets: [(1,2]:3]</c>.</summary>
    public static string Histogram(JsonElement histogram)
    {
        var text = new StringBuilder();
        text.Append("Count: ").Append(Fixed(histogram.GetProperty("count")));
        text.Append(", Sum: ").Append(Fixed(histogram.GetProperty("sum"))).Append(", Buckets: [");
        if (histogram.TryGetProperty("buckets", out var buckets) && buckets.ValueKind == JsonValueKind.Array)
            text.AppendJoin(' ', buckets.EnumerateArray().Select(Bucket));
        return text.Append(']').ToString();
    }

    /// <summary>The order in which promtool writes series: those with few labels first.</summary>
    public static int Compare(
        IReadOnlyList<KeyValuePair<string, string>> left, IReadOnlyList<KeyValuePair<string, string>> right)
    {
        if (left.Count != right.Count) return left.Count.CompareTo(right.Count);
        for (var i = 0; i < left.Count; i++)
        {
            // Who has the smaller name has a label that the other one lacks, and comes later.
            var names = string.CompareOrdinal(right[i].Key, left[i].Key);
            if (names != 0) return names;
            var values = string.CompareOrdinal(left[i].Value, right[i].Value);
            if (values != 0) return values;
        }

        return 0;
    }

    private static string Braces(IEnumerable<KeyValuePair<string, string>> labels) =>
        "{" + string.Join(", ", labels.Select(label => label.Key + "=" + GoText.Quote(label.Value))) + "}";

    // A bucket is [boundaries, lower, upper, count].
    private static string Bucket(JsonElement bucket)
    {
        var boundaries = bucket[0].GetInt32();
        var open = boundaries is 1 or 3 ? '[' : '(';
        var close = boundaries is 0 or 3 ? ']' : ')';
        var lower = GoFloat.FormatGeneral(Number(bucket[1]));
        var upper = GoFloat.FormatGeneral(Number(bucket[2]));
        return $"{open}{lower},{upper}{close}:{Value(bucket[3])}";
    }

    private static string Fixed(JsonElement value)
    {
        var number = Number(value);
        return double.IsFinite(number)
            ? number.ToString("F6", CultureInfo.InvariantCulture)
            : GoFloat.FormatPlain(number);
    }

    private static double Number(JsonElement value) => value.GetString() switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var text => double.Parse(text ?? "", NumberStyles.Float, CultureInfo.InvariantCulture),
    };
}
