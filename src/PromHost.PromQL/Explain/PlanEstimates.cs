using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// Judges by the index how much the operators of a plan will do at most. No sample is read.
/// </summary>
internal static class PlanEstimates
{
    private const int ScrapeIntervalMs = 15_000;

    // What a series of a selection takes: its entries and a label set of usual length.
    private const int SeriesBytes = 250;

    // Sums and their compensation; a point with its number.
    private const int GroupPointBytes = 16;
    private const int RankedPointBytes = 12;

    /// <summary>Asks the storage how many series each selector of the plan would find.</summary>
    /// <param name="node">The root.</param>
    /// <param name="querier">The view of the storage.</param>
    /// <param name="cancellation">Ends a long search.</param>
    public static void CountSeries(PlanNode node, IQuerier querier, CancellationToken cancellation)
    {
        if (node.Measure is { Selection: { } selection } measure)
        {
            node.Watch = new ReadWatch(cancellation);
            using var set = querier.Select(selection.Hints with { Watch = node.Watch }, selection.Selector.Matchers);
            measure.EstimatedSeries = set.CountEstimate > 0 ? set.CountEstimate : Count(set, cancellation);
        }

        foreach (var child in node.Children) CountSeries(child, querier, cancellation);
    }

    // A storage need not know how many there are.
    private static long Count(SeriesSet set, CancellationToken cancellation)
    {
        var batch = new SeriesEntry[256];
        var count = 0L;
        for (int read; (read = set.ReadNext(batch)) > 0; count += read) cancellation.ThrowIfCancellationRequested();
        return count;
    }

    /// <summary>The estimate of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="children">Those of its children that are vectors.</param>
    public static PlanEstimate Of(PlanNode node, IReadOnlyList<PlanEstimate> children)
    {
        var measure = node.Measure!;
        var steps = measure.Steps;
        var input = children.Count > 0 ? children[0] : new PlanEstimate(1, steps, 0, 0);
        var samples = 0L;
        if (measure.Selection is { } selection)
        {
            var count = measure.EstimatedSeries;
            var spanMs = selection.Hints.EndMs - selection.Hints.StartMs;
            // Of an instant too: where the newest sample is not at hand, the lookback is decoded.
            var perSeries = spanMs / ScrapeIntervalMs + 1;
            samples = count * perSeries;
            input = new PlanEstimate(count, count * steps, samples, count * SeriesBytes + 16 * perSeries);
        }

        // The root repeats the expression below it and holds the answer.
        if (measure.Operator is PlanExplainer.Root)
        {
            var root = measure.Selection is null ? input with { Samples = 0 } : input;
            return root with { Bytes = root.Points * sizeof(double) + root.Series * SeriesBytes };
        }

        var series = Series(node.Expression, input, children);
        var bytes = SeriesRow.BytesOf(steps) + Bytes(node.Expression, input, children, series * steps);
        if (measure.Selection is not null) bytes += input.Bytes;
        return new PlanEstimate(series, series * steps, samples, bytes);
    }

    private static long Series(Expression expression, PlanEstimate input, IReadOnlyList<PlanEstimate> children) =>
        expression switch
        {
            AggregateExpression { IsWithout: false, Grouping.Count: 0 } aggregate
                when AggregationOperators.Folds(aggregate.Aggregation) => Math.Min(1, input.Series),
            BinaryExpression { Operator: BinaryOperator.Or } when children.Count > 1 =>
                children[0].Series + children[1].Series,
            BinaryExpression { Matching.Cardinality: MatchingCardinality.OneToMany } when children.Count > 1 =>
                children[1].Series,
            Call { Function.Name: "absent" or "absent_over_time" or "vector" or "scalar" } => 1,
            _ => input.Series,
        };

    private static long Bytes(
        Expression expression, PlanEstimate input, IReadOnlyList<PlanEstimate> children, long points)
    {
        switch (expression)
        {
            case AggregateExpression aggregate when AggregationOperators.Folds(aggregate.Aggregation):
                return points * GroupPointBytes;
            case AggregateExpression { Aggregation: Aggregation.Quantile }:
                return input.Points * sizeof(double);
            case AggregateExpression { Aggregation: Aggregation.LimitRatio }:
                return 0;
            case AggregateExpression:
                return input.Points * RankedPointBytes;
            case BinaryExpression binary when children.Count > 1:
                var held = binary.Matching?.Cardinality == MatchingCardinality.OneToMany ? children[0] : children[1];
                return binary.Operator.IsSetOperator() ? held.Points / 8 : held.Points * sizeof(double);
            default:
                return 0;
        }
    }
}
