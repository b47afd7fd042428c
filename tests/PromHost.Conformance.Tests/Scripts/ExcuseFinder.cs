using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary>
/// Finds what may excuse an eval for not passing yet: it reads or returns a native histogram, or it uses something that
/// is behind a feature flag.
/// </summary>
internal static class ExcuseFinder
{
    /// <summary>The excuse of what has to do with native histograms.</summary>
    public const string NativeHistogram = "native-histogram";

    private const string StartTimestamps = "feature:use-start-timestamps";
    private const string ExperimentalFunctions = "feature:promql-experimental-functions";
    private const string ExtendedRangeSelectors = "feature:promql-extended-range-selectors";
    private const string FillModifiers = "feature:promql-binop-fill-modifiers";

    /// <summary>The excuse of a command, or an empty text when there is none.</summary>
    /// <param name="command">The command.</param>
    /// <param name="storage">What is loaded when it runs.</param>
    public static string Find(ScriptCommand command, ScriptStorage storage) => command switch
    {
        LoadCommand load when load.WithCustomBuckets || load.Series.Any(static s =>
            s.Values.Any(static v => v.Histogram is not null)) => NativeHistogram,
        EvalCommand eval => Find(eval, storage),
        _ => "",
    };

    private static string Find(EvalCommand eval, ScriptStorage storage)
    {
        if (eval.Expected.Values.Any(static e => e.Values.Any(static v => v.Histogram is not null)))
            return NativeHistogram;
        var nodes = Walk(eval.Query);
        var read = nodes.OfType<VectorSelector>().SelectMany(s => storage.Find(s.Matchers)).ToArray();
        if (read.Any(static s => s.HasHistograms)) return NativeHistogram;
        return nodes.Select(FeatureOf).FirstOrDefault(static feature => feature.Length > 0) ??
            (read.Any(static s => s.HasStartTimestamps) ? StartTimestamps : "");
    }

    private static string FeatureOf(Expression expression) => expression switch
    {
        Call { Function.IsExperimental: true } => ExperimentalFunctions,
        AggregateExpression { Aggregation: Aggregation.LimitK or Aggregation.LimitRatio } => ExperimentalFunctions,
        VectorSelector { IsAnchored: true } or VectorSelector { IsSmoothed: true } => ExtendedRangeSelectors,
        BinaryExpression { Matching: { } m } when m.FillLeft is not null || m.FillRight is not null => FillModifiers,
        _ => "",
    };

    /// <summary>All nodes of a query; none if it cannot be parsed.</summary>
    public static Expression[] Walk(string query)
    {
        try
        {
            return [.. Walk(Parser.ParseExpression(query, ScriptEngine.ParserOptions))];
        }
        catch (ParseException)
        {
            return [];
        }
    }

    private static IEnumerable<Expression> Walk(Expression expression) =>
        expression.Children.SelectMany(Walk).Prepend(expression);
}
