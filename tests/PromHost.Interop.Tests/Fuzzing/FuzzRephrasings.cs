using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// Queries in other words, with which Prometheus 3.5 answers what PromHost, which follows 3.14, answers without them:
/// what changed in between is said in PromQL. Each stands in docs/compatibility.md.
/// </summary>
internal static partial class FuzzRephrasings
{
    private static readonly Rephrasing[] s_all =
    [
        new("histogram_fraction begins the lowest classic bucket at 0 (3.8, #17424)", static query =>
            ClassicFraction().Replace(query, "${call}(${x} * 1 or label_replace(0 * max without (le) (${x}), " +
                "\"le\", \"0\", \"\", \"\")))")),
        new("mad_over_time is NaN where a value is (3.14, #19040)", static query =>
            Calls(query, "mad_over_time(", static range => $"(mad_over_time({range}) + {ZeroOrNaN(range)})")),
        new("histogram_count and its like keep schemas and leave out buckets evenly (3.6, #16879; 3.12, #18660)",
            static query => Statistics().IsMatch(query) ? $"nothing or ({query})" : query),
    ];

    private static readonly Rephrasing[] s_ofNames =
    [
        new("histogram_fraction begins the lowest classic bucket at 0 (3.8, #17424)", static query =>
            ClassicFraction().Replace(query, "${call}(sum without (none) (${x} * 1) or label_replace(" +
                "0 * max without (le) (${x} * 1), \"le\", \"0\", \"\", \"\")))")),
        new("last_over_time of a subquery drops names that are dropped in it (3.12, #18409)", static query =>
            Calls(query, "last_over_time(", static range => InSubquery().IsMatch(range)
                ? $"(last_over_time({range}) * 1)" : $"last_over_time({range})")),
    ];

    /// <summary>
    /// The query in other words: with one of the changes that concern it, or, where several do, with all. Nothing where
    /// none does.
    /// </summary>
    /// <param name="query">The query.</param>
    /// <param name="isAboutNames">Is a feature on by which the name of a metric, or its type, lasts longer?</param>
    public static IEnumerable<(string Name, string Query)> Of(string query, bool isAboutNames = false)
    {
        var names = new List<string>();
        var all = query;
        foreach (var rephrasing in isAboutNames ? [.. s_ofNames, .. s_all] : s_all)
        {
            var other = rephrasing.Apply(query);
            if (string.Equals(other, query, StringComparison.Ordinal)) continue;
            names.Add(rephrasing.Name);
            all = rephrasing.Apply(all);
            yield return (rephrasing.Name, other);
        }

        if (names.Count > 1) yield return (string.Join("; ", names), all);
    }

    // NaN where a value is NaN: then the least is, which infinities may turn into NaN too, and so is the sum, which
    // infinities of both signs may.
    private static string ZeroOrNaN(string range) =>
        $"0 * (clamp(quantile_over_time(0, {range}), -1, 1) >= -1 or clamp(sum_over_time({range}), -1, 1))";

    // Inner calls first: they stand behind the outer ones.
    private static string Calls(string query, string call, Func<string, string> replace)
    {
        for (var at = query.LastIndexOf(call, StringComparison.Ordinal); at >= 0;
            at = at == 0 ? -1 : query.LastIndexOf(call, at - 1, StringComparison.Ordinal))
        {
            var from = at + call.Length;
            var to = End(query, from);
            query = $"{query[..at]}{replace(query[from..to])}{query[(to + 1)..]}";
        }

        return query;
    }

    // Where the parenthesis ends that is open.
    private static int End(string query, int at)
    {
        var isQuoted = false;
        for (var depth = 1; ; at++)
        {
            if (query[at] == '"') isQuoted = !isQuoted;
            if (isQuoted) continue;
            depth += query[at] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0) return at;
        }
    }

    [GeneratedRegex(@"(?<call>histogram_fraction\([^(),]*, [^(),]*, )(?<x>b_bucket|k|rate\(b_bucket\[\w+\]\))\)",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ClassicFraction();

    [GeneratedRegex(@":\w*\][^\])]*$", RegexOptions.None, 1000)]
    private static partial Regex InSubquery();

    [GeneratedRegex(@"histogram_(count|sum|avg)\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Statistics();

    private sealed record Rephrasing(string Name, Func<string, string> Apply);
}
