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
        new("ties", @"(topk|bottomk)",
            static difference => difference.Aspect == FuzzAspect.Presence &&
                Matches(difference.Ours + difference.Theirs, " (0|NaN|.Inf)( |$)")),
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
    /// A warning or info without what 3.14 words otherwise: names of metrics that are dropped before, and how often and
    /// by how much classic histograms had to be made monotonic.
    /// </summary>
    public static string Comparable(string text) => Reworded().Replace(text, string.Empty);

    /// <summary>Which explanation holds for a difference; null if none does.</summary>
    /// <param name="kind"><c>instant</c> or <c>range</c>.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="difference">What differs.</param>
    public static string? Of(string kind, string query, FuzzDifference difference) => Array.Find(
        s_all, explanation => explanation.Holds(difference) && Matches($"{kind} {query}", explanation.Query))?.Name;

    private static bool Matches(string text, string pattern) =>
        Regex.IsMatch(text, pattern, RegexOptions.ExplicitCapture, s_matchTimeout);

    [GeneratedRegex(@" for metric name ""[^""]*""(?= \()|, from buckets .*(?= \()", RegexOptions.None, 1000)]
    private static partial Regex Reworded();

    private sealed record Explanation(string Name, string Query, Func<FuzzDifference, bool> Holds);
}
