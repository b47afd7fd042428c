using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>The labels that say which metric a series is; functions that change its meaning drop them.</summary>
internal static class MetadataLabels
{
    private static readonly LabelNameSet s_names = new(Labels.MetricName, "__type__", "__unit__");

    /// <summary>The label that holds the type of a metric.</summary>
    public static ReadOnlySpan<byte> Type => "__type__"u8;

    /// <summary>The labels without name, type and unit.</summary>
    public static Labels DropFrom(Labels labels)
    {
        // All three begin with an underscore; most sets hold the name alone, and many derived ones none of them.
        foreach (var label in labels)
        {
            if (s_names.Contains(label.Name)) return labels.Drop(s_names);
            if (label.Name[0] > (byte)'_') break;
        }

        return labels;
    }

    /// <summary>
    /// A series after an operator that drops the name: with delayed removal only marked, else without it.
    /// </summary>
    public static OutputSeries DropName(QueryContext context, OutputSeries series) =>
        context.Features.DelayedNameRemoval
            ? series with { DropName = true }
            : new OutputSeries(DropFrom(series.Labels), DropName: true);
}
