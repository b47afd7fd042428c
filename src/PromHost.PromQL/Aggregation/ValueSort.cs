namespace PromHost.PromQL;

/// <summary>Sorts points by value with NaN at the end, whichever the direction.</summary>
internal static class ValueSort
{
    // Up to this many elements Go sorts by insertion, which is stable; beyond, the order of ties is nobody's promise.
    private const int InsertionLimit = 12;

    /// <summary>
    /// Sorts into the reverse of a heap's order: for <see cref="SmallestFirst"/> the largest value comes first.
    /// </summary>
    /// <param name="values">The values.</param>
    /// <param name="items">What belongs to each value; of the same length.</param>
    /// <param name="cancellation">Ends a long sort.</param>
    public static void Sort<TOrder>(Span<double> values, Span<int> items, CancellationToken cancellation)
        where TOrder : struct, IHeapOrder
    {
        if (values.Length > InsertionLimit)
        {
            SortStable<TOrder>(values, items, cancellation);
            return;
        }

        for (var i = 1; i < values.Length; i++)
        {
            for (var j = i; j > 0 && TOrder.Less(values[j - 1], values[j]); j--)
            {
                (values[j - 1], values[j]) = (values[j], values[j - 1]);
                (items[j - 1], items[j]) = (items[j], items[j - 1]);
            }
        }
    }

    private static void SortStable<TOrder>(
        Span<double> values, Span<int> items, CancellationToken cancellation)
        where TOrder : struct, IHeapOrder
    {
        var points = new (double Value, int Position, int Item)[values.Length];
        for (var i = 0; i < points.Length; i++) points[i] = (values[i], i, items[i]);
        CancellableSort.Sort(points.AsSpan(), static (a, b) =>
        {
            var order = double.IsNaN(a.Value) || double.IsNaN(b.Value)
                ? double.IsNaN(a.Value).CompareTo(double.IsNaN(b.Value))
                : TOrder.Less(b.Value, a.Value) ? -1 : TOrder.Less(a.Value, b.Value) ? 1 : 0;
            return order != 0 ? order : a.Position.CompareTo(b.Position);
        }, cancellation);
        for (var i = 0; i < points.Length; i++)
        {
            values[i] = points[i].Value;
            items[i] = points[i].Item;
        }
    }
}
