using System.Diagnostics;
using System.Globalization;

namespace PromHost.PromQL;

/// <summary>Tells of a plan what each of its operators would do, or did.</summary>
/// <param name="context">The query's, as seen from the root.</param>
internal sealed class PlanExplainer(QueryContext context)
{
    /// <summary>The name of what collects the answer.</summary>
    public const string Root = "Result";

    /// <summary>Is the query explained, and how?</summary>
    private ExplainMode Mode => context.Use.Explain;

    /// <summary>The tree of operators.</summary>
    public PlanExplanation Explain() => Explain(context.Node).Explanation;

    /// <summary>The name of an operator.</summary>
    public static string NameOf(object @operator)
    {
        if (@operator is SameLabelsMerge merge) return NameOf(merge.Input);
        var name = @operator.GetType().Name.AsSpan();
        var arity = name.IndexOf('`');
        if (arity >= 0) name = name[..arity];
        return name.EndsWith("Operator") ? name[..^"Operator".Length].ToString() : name.ToString();
    }

    private (PlanExplanation Explanation, long ElapsedTicks) Explain(PlanNode node)
    {
        var measure = node.Measure!;
        var children = new List<PlanExplanation>(node.Children.Count);
        var vectors = new List<PlanEstimate>();
        var below = 0L;
        foreach (var child in node.Children)
        {
            var (explained, elapsed) = Explain(child);
            children.Add(explained);
            below += elapsed;
            if (child.Expression.Type != ValueType.Scalar) vectors.Add(explained.Estimated);
        }

        var position = node.Expression.Position;
        var actual = Mode == ExplainMode.Analyze
            ? new PlanMeasurement(
                measure.Series,
                measure.Points,
                node.ReadSamples,
                node.PeakBytes,
                Stopwatch.GetElapsedTime(0, measure.ElapsedTicks),
                Stopwatch.GetElapsedTime(0, Math.Max(0, measure.ElapsedTicks - below)),
                node.Watch?.CacheHits ?? 0,
                node.Watch?.CacheMisses ?? 0)
            : null;
        var explanation = new PlanExplanation(
            measure.Operator, context.TextOf(position), position, context.PlaceOf(position), measure.Steps,
            Details(measure), PlanEstimates.Of(node, vectors), actual, children);
        return (explanation, measure.ElapsedTicks);
    }

    private static List<string> Details(NodeMeasure measure)
    {
        var details = new List<string>();
        if (measure.IsOnce) details.Add("evaluated once, the same at every step");
        if (measure.Selection is not { } selection) return details;
        var hints = selection.Hints;
        details.Add($"reads {Seconds(hints.StartMs)} to {Seconds(hints.EndMs)}");
        if (hints.WithoutLabels) details.Add("labels are not read");
        // What picks series, rather than summing them up, hands all of their labels on.
        var picks = hints.Function is "topk" or "bottomk" or "limitk" or "limit_ratio";
        if (hints.Grouping is { } grouping && !hints.WithoutLabels && !picks)
        {
            var names = string.Join(", ", grouping.Names.Select(n => System.Text.Encoding.UTF8.GetString(n.Span)));
            details.Add(hints.By
                ? $"of the labels only those of by ({names}) matter"
                : $"all labels but ({names}) matter");
        }

        return details;
    }

    private static string Seconds(long timeMs) => (timeMs / 1000m).ToString(CultureInfo.InvariantCulture);
}
