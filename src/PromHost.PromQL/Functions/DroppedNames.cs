namespace PromHost.PromQL;

/// <summary>Series as a calculation leaves them: without the labels that name the metric, now or at the end.</summary>
internal static class DroppedNames
{
    /// <summary>The series of an operator after a calculation.</summary>
    public static OutputSeries[] Of(QueryContext context, IReadOnlyList<OutputSeries> series)
    {
        var dropped = new OutputSeries[series.Count];
        for (var i = 0; i < dropped.Length; i++)
        {
            context.CheckEnded(i);
            dropped[i] = MetadataLabels.DropName(context, series[i]);
        }

        context.HoldLabels(dropped);
        return dropped;
    }
}
