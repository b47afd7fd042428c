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
        new("3.14 warns where sort has no effect", "sort",
            static difference => difference.IsOurAnnotation("sort is ineffective for range queries")),
        new("3.14 warns of contradictory counter resets", "",
            static difference => difference.IsOurAnnotation("conflicting counter resets during histogram")),
        new("3.14 begins the lowest classic bucket at 0 for histogram_fraction",
            @"histogram_fraction\([^()]*(b_bucket|k\b|rate\()",
            static difference => difference.Aspect is FuzzAspect.Float or FuzzAspect.Presence),
        new("3.14 merges series that are equal behind a minus", @"-\(",
            static difference => difference.Aspect == FuzzAspect.Error && difference.Ours.Trim().Length == 0 &&
                difference.Theirs.Contains("same labelset", StringComparison.Ordinal)),
        new("3.5 pairs the series of info() by their position", @"info\(",
            static difference => difference.Aspect != FuzzAspect.Annotation),
        new("3.14 extrapolates no rate of histograms below zero", @"(rate|increase)\(hg",
            static difference => difference.Aspect is FuzzAspect.Float or FuzzAspect.Histogram),
        new("3.14 looks for resets between counts in more places", @"histogram_(count|sum|avg)\(.*hg",
            static difference => difference.Aspect == FuzzAspect.Float),
        new("ties", @"(topk|bottomk)",
            static difference => difference.Aspect == FuzzAspect.Presence &&
                Matches(difference.Ours + difference.Theirs, " (0|NaN|.Inf)( |$)")),
        new("3.14 answers NaN in mad_over_time where there is one", @"mad_over_time\(",
            static difference => difference.Aspect is FuzzAspect.Float or FuzzAspect.Presence),
        new("3.14 adds histograms up with compensation", @"(avg|sum)\b",
            static difference => difference.Aspect == FuzzAspect.Histogram &&
                difference.Theirs.Contains("NaN", StringComparison.Ordinal)),
        new("3.14 adds histograms up with compensation", @"histogram_\w+\(.*(avg|sum)\b",
            static difference => difference.Aspect == FuzzAspect.Float &&
                (difference.Ours + difference.Theirs).Contains("NaN", StringComparison.Ordinal)),
        new("3.14 names no metric in warnings of histogram_quantile", @"histogram_.*histogram_",
            static difference => difference.Aspect == FuzzAspect.Annotation &&
                difference.Theirs.Contains("mix of classic and native histograms", StringComparison.Ordinal)),
        new("3.14 tells buckets that are not monotonic at the first place", "histogram_quantile.*histogram_quantile",
            static difference => difference.Aspect == FuzzAspect.Annotation &&
                (difference.Ours + difference.Theirs).Contains("fixed for monotonicity", StringComparison.Ordinal)),
        new("3.14 keeps the schema under histogram_count and its like", @"histogram_(count|sum|avg)\(.*\b(hc|x)\b",
            static difference => difference.IsOurAnnotation("incompatible bucket layout") ||
                difference.IsOurAnnotation("vector contains a mix of histograms with exponential and custom") ||
                (difference.Aspect == FuzzAspect.Presence && difference.Ours.EndsWith(' '))),
        new("3.14 leaves the buckets out of both sides under histogram_count and its like",
            @"histogram_(count|sum|avg)\(.*[!=]=", static difference => difference.Aspect == FuzzAspect.Presence),
        new("3.14 adds histograms up with compensation", @"histogram_(quantile|fraction)\(.*\bavg",
            static difference => difference.Aspect == FuzzAspect.Float),
        new("3.14 adds histograms up with compensation", @"histogram_\w+\(.*(avg|sum)\b.*delta",
            static difference => difference.Aspect == FuzzAspect.Float),
        new("order of summation", @"std(dev|var).*time\(\)",
            static difference => difference.Aspect == FuzzAspect.Float),
        new("order of series", @"\bor\b",
            static difference => difference.Aspect == FuzzAspect.Annotation && Matches(
                difference.Ours + difference.Theirs, "mix of histograms|incompatible (sample types|bucket layout)")),
    ];

    /// <summary>
    /// A warning or info without what 3.14 words otherwise: names of metrics that are dropped before, and how often and
    /// by how much classic histograms had to be made monotonic.
    /// </summary>
    public static string Comparable(string text) => Reworded().Replace(text, string.Empty);

    /// <summary>Which explanation holds for a difference; null if none does.</summary>
    public static string? Of(string query, FuzzDifference difference) =>
        Array.Find(s_all, explanation => explanation.Holds(difference) && Matches(query, explanation.Query))?.Name;

    private static bool Matches(string text, string pattern) =>
        Regex.IsMatch(text, pattern, RegexOptions.ExplicitCapture, s_matchTimeout);

    [GeneratedRegex(@" for metric name ""[^""]*""(?= \()|, from buckets .*(?= \()", RegexOptions.None, 1000)]
    private static partial Regex Reworded();

    private sealed record Explanation(string Name, string Query, Func<FuzzDifference, bool> Holds);
}
