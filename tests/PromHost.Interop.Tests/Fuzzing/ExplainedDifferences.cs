using System.Globalization;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// Why PromHost, which follows Prometheus 3.14, may answer otherwise than the Prometheus 3.5 it is compared with. Each
/// entry stands in docs/compatibility.md.
/// </summary>
internal static partial class ExplainedDifferences
{
    private static readonly TimeSpan s_matchTimeout = TimeSpan.FromSeconds(1);

    private static readonly Explanation[] s_all =
    [
        new("sort over a range warns that it has no effect (3.12, #18498)", "^range .*sort",
            static difference => difference.IsOurAnnotation("sort is ineffective for range queries")),
        new("contradictory counter resets are warned of (3.7, #17051)", @"(avg|sum|[-+])",
            static difference => difference.IsOurAnnotation("conflicting counter resets during histogram")),
        new("histograms of contradictory counter resets are no pair for + and - (3.7, #17051)",
            @"histogram_(count|sum|avg)\(.* [-+] ", static difference =>
                difference.Aspect == FuzzAspect.Presence && difference.Ours.EndsWith(' ')),
        new("histograms of contradictory counter resets are no pair for + and - (3.7, #17051)",
            @"histogram_(count|sum|avg)\(.* [-+] ", static difference => difference.Aspect == FuzzAspect.Annotation &&
                difference.Theirs.Contains("incompatible sample types", StringComparison.Ordinal)),
        new("histogram_count and its like keep schemas and leave out buckets evenly (3.6, #16879; 3.12, #18660)",
            @"histogram_(count|sum|avg)\(.* [-+] ", static difference => difference.Aspect == FuzzAspect.Annotation &&
                (difference.Ours + difference.Theirs).Contains("incompatible bucket layout", StringComparison.Ordinal)),
        new("a comparison fails where several points meet one, also if it drops them (3.9, #17668)",
            "(==|!=|<=|>=| <| >) (on|ignoring)", static difference => difference.Aspect == FuzzAspect.Error &&
                difference.Theirs.Trim().Length == 0 &&
                difference.Ours.Contains("many-to-one matching must be explicit", StringComparison.Ordinal)),
        new("what a minus was before is a gauge (3.7, #17004)", "-", static difference =>
            difference.Aspect == FuzzAspect.Annotation &&
            difference.Theirs.Contains("this native histogram metric is not a gauge", StringComparison.Ordinal)),
        new("what a minus was before is a gauge (3.7, #17004)", @"\b(i?rate|increase)\(.*-.*\[\w+:",
            static difference => difference.IsOurAnnotation("this native histogram metric is not a counter")),
        new("a series of type histogram may be a counter (3.6, #16915)", @"\b(rate|increase)\(", static difference =>
            difference.Aspect == FuzzAspect.Annotation &&
            difference.Theirs.Contains("__type__ label is not set to \"counter\", got \"histogram\"",
                StringComparison.Ordinal)),
        new("3.5 loses buckets: those it tells do not add up to the count", "", LacksBuckets),
        new("ties", @"(topk|bottomk)",
            static difference => difference.Aspect == FuzzAspect.Presence &&
                Matches($"{difference.Ours} {difference.Theirs}", " (0|NaN|.Inf)( |$)")),
        new("histograms are added up with compensation (3.11, #15687): infinities", @"(avg|sum)\b",
            static difference => difference.Aspect == FuzzAspect.Histogram &&
                difference.Theirs.Contains("NaN", StringComparison.Ordinal)),
        new("histograms are added up with compensation (3.11, #15687): infinities", @"histogram_\w+\(.*(avg|sum)\b",
            static difference => difference.Aspect == FuzzAspect.Float &&
                difference.Theirs.EndsWith(" NaN", StringComparison.Ordinal)),
        new("histograms are added up with compensation (3.11, #15687): quantiles between buckets",
            @"histogram_(quantile|fraction)\(.*\bavg", static difference => difference.Aspect == FuzzAspect.Float),
        new("histograms are added up with compensation (3.11, #15687): traces", @"histogram_\w+\(.*(avg|sum)\b.*delta",
            static difference => difference.Aspect == FuzzAspect.Float),
        new("warnings of histogram_quantile name no metric (3.7, #16794)", @"histogram_.*histogram_",
            static difference => difference.Aspect == FuzzAspect.Annotation &&
                difference.Theirs.Contains("mix of classic and native histograms", StringComparison.Ordinal)),
        new("buckets that are not monotonic are told at the first place (3.10, #15578)",
            "histogram_quantile.*histogram_quantile", static difference => difference.Aspect == FuzzAspect.Annotation &&
                (difference.Ours + difference.Theirs).Contains("fixed for monotonicity", StringComparison.Ordinal)),
        new("order of summation", @"std(dev|var).*time\(\)",
            static difference => difference.Aspect == FuzzAspect.Float),
        new("order of summation: which of several histograms is in the way", @"\b(sum|avg)\b.*\bor\b",
            static difference => difference.Aspect == FuzzAspect.Annotation && Matches(
                difference.Ours + difference.Theirs, "mix of histograms|incompatible (sample types|bucket layout)")),
    ];

    /// <summary>
    /// A warning or info without what 3.14 words otherwise: names of metrics that are dropped before, how often and by
    /// how much classic histograms had to be made monotonic, and that a counter may be of type histogram.
    /// </summary>
    public static string Comparable(string text) => Reworded().Replace(text, string.Empty);

    /// <summary>Which explanation holds for a difference; null if none does.</summary>
    /// <param name="kind"><c>instant</c> or <c>range</c>.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="difference">What differs.</param>
    public static string? Of(string kind, string query, FuzzDifference difference) => Array.Find(
        s_all, explanation => explanation.Holds(difference) && Matches($"{kind} {query}", explanation.Query))?.Name;

    // Count and sum are the same, but only our buckets add up to the count.
    private static bool LacksBuckets(FuzzDifference difference)
    {
        if (difference.Aspect != FuzzAspect.Histogram) return false;
        var ours = Numbers(difference.Ours);
        var theirs = Numbers(difference.Theirs);
        return ours.Length > 1 && theirs.Length > 1 && IsNear(ours[0], theirs[0]) && IsNear(ours[1], theirs[1]) &&
            IsNear(ours[0], ours[2..].Sum()) && !IsNear(theirs[0], theirs[2..].Sum());

        static bool IsNear(double a, double b) => Math.Abs(a - b) <= 1e-9 * Math.Max(1, Math.Abs(a));
    }

    // Of a histogram: its count, its sum, and the counts of the buckets; each stands behind a name or three words.
    // Infinities add up to nothing, as NaN does.
    private static double[] Numbers(string text)
    {
        var words = text[(text.LastIndexOf('@') + 1)..].Split(' ')[1..];
        return [.. words.Where((_, i) => i is 1 or 3 || (i >= 4 && i % 4 == 3))
            .Select(static word => double.TryParse(word, CultureInfo.InvariantCulture, out var number)
                ? number : double.NaN)];
    }

    private static bool Matches(string text, string pattern) =>
        Regex.IsMatch(text, pattern, RegexOptions.ExplicitCapture, s_matchTimeout);

    [GeneratedRegex(
        @" for metric name ""[^""]*""(?=,| \()|, from buckets .*(?= \()|(?<=__type__ label is not set to ""counter"")" +
        @" or ""histogram""",
        RegexOptions.None, 1000)]
    private static partial Regex Reworded();

    private sealed record Explanation(string Name, string Query, Func<FuzzDifference, bool> Holds);
}
