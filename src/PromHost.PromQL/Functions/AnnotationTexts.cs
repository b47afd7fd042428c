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
}
