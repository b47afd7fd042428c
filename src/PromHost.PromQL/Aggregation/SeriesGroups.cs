using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Which group each series of a vector falls into, by its labels.</summary>
internal sealed class SeriesGroups
{
    private SeriesGroups(int[] groupOf, IReadOnlyList<Labels> labels)
    {
        GroupOf = groupOf;
        GroupLabels = labels;
    }

    /// <summary>The group of each series.</summary>
    public int[] GroupOf { get; }

    /// <summary>The labels of each group, in the order in which their first series came.</summary>
    public IReadOnlyList<Labels> GroupLabels { get; }

    /// <summary>Groups by the clause of an aggregation.</summary>
    public static SeriesGroups For(
        QueryContext context, IReadOnlyList<OutputSeries> series, AggregateExpression expression) =>
        expression.IsWithout
            ? For(context, series, new LabelNameSet([.. expression.Grouping, Labels.MetricName]), keep: false)
            : For(context, series, new LabelNameSet(expression.Grouping), keep: true);

    /// <summary>Groups by the labels that remain when names are kept or dropped.</summary>
    public static SeriesGroups For(
        QueryContext context, IReadOnlyList<OutputSeries> series, LabelNameSet names, bool keep)
    {
        var index = new LabelsIndex();
        var groupOf = new int[series.Count];
        for (var i = 0; i < groupOf.Length; i++)
        {
            context.CheckEnded(i);
            groupOf[i] = index.Intern(series[i].Labels, names, keep);
        }

        return new SeriesGroups(groupOf, index.Sets);
    }
}
