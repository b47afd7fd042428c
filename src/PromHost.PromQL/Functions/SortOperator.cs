using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// The functions that sort. Only the answer to an instant query has an order of its own; over several steps they warn
/// and pass everything through.
/// </summary>
/// <param name="context">The query's.</param>
/// <param name="call">The call.</param>
/// <param name="input">The vector.</param>
/// <param name="labels">The labels to sort by; null sorts by value and leaves out histograms.</param>
/// <param name="isDescending">The other way round?</param>
internal sealed class SortOperator(
    QueryContext context, Call call, SeriesOperator input, byte[][]? labels, bool isDescending)
    : SeriesOperator(input.Grid)
{
    private readonly HistogramPool _pool = new(); // of the histograms of the points
    private readonly List<(double Value, NativeHistogram? Histogram)> _points = [];
    private bool _isPassedThrough;
    private int _next;

    public override IReadOnlyList<OutputSeries> Open()
    {
        var series = input.Open();
        if (Grid.StartMs != Grid.EndMs)
        {
            _isPassedThrough = true;
            context.Warn(
                call.Position,
                "sort is ineffective for range queries since results are always ordered by labels");
            return series;
        }

        context.HoldBytes(series.Count * 64L);
        var present = new List<OutputSeries>();
        var row = new SeriesRow(Grid.Count);
        for (var i = 0; input.TryNext(row); i++)
        {
            if (labels is null) row.RemoveHistograms();
            if (!row.Has(0)) continue;
            _points.Add((row.Values[0], row.HistogramAt(0) is { } histogram ? _pool.Copy(histogram) : null));
            present.Add(series[i]);
        }

        return Reorder(present);
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_isPassedThrough)
        {
            if (!input.TryNext(row)) return false;
            if (labels is null) row.RemoveHistograms();
            return true;
        }

        if (_next == _points.Count) return false;
        row.Clear();
        var (value, histogram) = _points[_next++];
        if (histogram is null) row.Set(0, value);
        else row.Set(0, histogram);
        return true;
    }

    public override void Dispose()
    {
        input.Dispose();
        base.Dispose();
    }

    private OutputSeries[] Reorder(List<OutputSeries> present)
    {
        var order = new int[present.Count];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        if (labels is not null)
        {
            var comparisons = 0;
            StableSort(order, (a, b) =>
            {
                context.CheckEnded(comparisons++);
                return CompareByLabels(present[a].Labels, present[b].Labels);
            });
        }
        else
        {
            var values = _points.ConvertAll(static point => point.Value).ToArray();
            if (isDescending) ValueSort.Sort<SmallestFirst>(values, order, context.CancellationToken);
            else ValueSort.Sort<LargestFirst>(values, order, context.CancellationToken);
        }

        (double, NativeHistogram?)[] points = [.. _points];
        for (var i = 0; i < order.Length; i++) _points[i] = points[order[i]];
        return Array.ConvertAll(order, i => present[i]);
    }

    // The labels that were named in natural order, then all labels, so that the order is always the same.
    private int CompareByLabels(Labels left, Labels right)
    {
        var less = isDescending ? 1 : -1;
        foreach (var name in labels!)
        {
            var leftValue = left.Get(name);
            var rightValue = right.Get(name);
            if (!leftValue.SequenceEqual(rightValue))
                return NaturalOrder.Precedes(leftValue, rightValue) ? less : -less;
        }

        return isDescending ? right.CompareTo(left) : left.CompareTo(right);
    }

    // Merging runs that were sorted by insertion: bears a comparison that contradicts itself, and orders up to a dozen
    // items as Prometheus does even then.
    private static void StableSort(Span<int> items, Comparison<int> compare)
    {
        const int insertionLimit = 12;
        if (items.Length <= insertionLimit)
        {
            for (var i = 1; i < items.Length; i++)
            {
                for (var j = i; j > 0 && compare(items[j], items[j - 1]) < 0; j--)
                    (items[j - 1], items[j]) = (items[j], items[j - 1]);
            }

            return;
        }

        var half = items.Length / 2;
        var first = items[..half].ToArray();
        var second = items[half..].ToArray();
        StableSort(first, compare);
        StableSort(second, compare);
        for (int i = 0, a = 0, b = 0; i < items.Length; i++)
        {
            var takesSecond = a == first.Length || (b < second.Length && compare(second[b], first[a]) < 0);
            items[i] = takesSecond ? second[b++] : first[a++];
        }
    }
}
