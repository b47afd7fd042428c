using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Warnings and infos of aggregations and functions in Prometheus's words.</summary>
internal static class AnnotationTexts
{
    /// <summary>A quantile outside of 0 to 1.</summary>
    public static void WarnInvalidQuantile(
        this QueryContext context, double quantile, PositionRange position, PositionRange node) =>
        context.Warn(
            position, $"quantile value should be between 0 and 1, got {GoFloat.FormatGeneral(quantile)}", node);

    /// <summary>A ratio outside of -1 to 1.</summary>
    public static void WarnInvalidRatio(
        this QueryContext context, double ratio, double cap, PositionRange position, PositionRange node) =>
        context.Warn(
            position,
            $"ratio value should be between -1 and 1, got {GoFloat.FormatGeneral(ratio)}, capping to " +
            GoFloat.FormatGeneral(cap),
            node);

    /// <summary>A histogram that an aggregation passes over.</summary>
    public static void InformHistogramIgnored(
        this QueryContext context, Aggregation aggregation, PositionRange position) =>
        context.Inform(position, $"ignored histogram in {aggregation.ToText()} aggregation");

    /// <summary>An aggregation met floats and histograms at the same step.</summary>
    public static void WarnMixedAggregation(this QueryContext context, PositionRange position, PositionRange node) =>
        context.Warn(position, "encountered a mix of histograms and floats for aggregation", node);

    /// <summary>Exponential and custom buckets cannot be added up.</summary>
    public static void WarnMixedSchemas(
        this QueryContext context, string metricName, PositionRange position, PositionRange node) =>
        context.Warn(
            position,
            "vector contains a mix of histograms with exponential and custom buckets schemas for metric name " +
            GoText.Quote(metricName),
            node);

    /// <summary>Counter resets contradict each other.</summary>
    /// <param name="context">The query's.</param>
    /// <param name="operation"><c>addition</c>, <c>subtraction</c> or <c>aggregation</c>.</param>
    /// <param name="position">What it is about.</param>
    /// <param name="node">The node that says it.</param>
    public static void WarnCounterResets(
        this QueryContext context, string operation, PositionRange position, PositionRange node) =>
        context.Warn(position, $"conflicting counter resets during histogram {operation}", node);

    /// <summary>Custom buckets were brought to common bounds.</summary>
    /// <param name="context">The query's.</param>
    /// <param name="operation"><c>addition</c>, <c>subtraction</c> or <c>aggregation</c>.</param>
    /// <param name="position">What it is about.</param>
    /// <param name="node">The node that says it.</param>
    public static void InformCustomBounds(
        this QueryContext context, string operation, PositionRange position, PositionRange node) =>
        context.Inform(position, $"mismatched custom buckets were reconciled during {operation}", node);
}
