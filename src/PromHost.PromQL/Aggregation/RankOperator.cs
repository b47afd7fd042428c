// Hot path: a heap per group and step takes every point.
using System.Numerics;

namespace PromHost.PromQL;

/// <summary>
/// The aggregations <c>topk</c> and <c>bottomk</c>: a heap of k points per group and step; at the end the points go
/// back to their series.
/// </summary>
internal sealed class RankOperator<TOrder>(
    QueryContext context, AggregateExpression expression, SeriesOperator input, ScalarOperator parameter)
    : SeriesOperator(input.Grid)
    where TOrder : struct, IHeapOrder
{
    private readonly int _stepCount = input.Grid.Count;
    private int[] _selectedSeries = [];
    private int[] _pointEnds = [];
    private int[] _pointSteps = [];
    private double[] _pointValues = [];
    private long _heldSamples;
    private bool _isIgnoranceTold;
    private int _next;

    public override IReadOnlyList<OutputSeries> Open()
    {
        var counts = SelectionLimits.Evaluate(parameter, Grid);
        var series = input.Open();
        if (counts is null)
        {
            SelectionLimits.Drain(input);
            return [];
        }

        var groups = SeriesGroups.For(context, series, expression);
        var heaps = new PointHeaps(groups, counts, _stepCount);
        context.HoldBytes(series.Count * 8L + heaps.Bytes);
        var row = new SeriesRow(_stepCount);
        for (var i = 0; input.TryNext(row); i++)
        {
            if (row.HasHistograms) Ignore(row, counts);
            var added = heaps.Offer(i, groups.GroupOf[i], row.Values, row.Presence);
            _heldSamples += added;
            context.HoldSamples(added);
        }

        return Select(series, groups, heaps);
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_next == _selectedSeries.Length) return false;
        row.Clear();
        var end = _pointEnds[_next];
        for (var i = _next == 0 ? 0 : _pointEnds[_next - 1]; i < end; i++) row.Set(_pointSteps[i], _pointValues[i]);
        _next++;
        return true;
    }

    public override void Dispose()
    {
        context.ReleaseSamples(_heldSamples);
        _heldSamples = 0;
        parameter.Dispose();
        input.Dispose();
        base.Dispose();
    }

    // Where k is below 1, upstream does not look at the points.
    private void Ignore(SeriesRow row, long[] counts)
    {
        for (var step = 0; !_isIgnoranceTold && step < counts.Length; step++)
        {
            if (counts[step] < 1 || !row.Has(step) || row.HistogramAt(step) is null) continue;
            context.InformHistogramIgnored(expression.Aggregation, expression.Position);
            _isIgnoranceTold = true;
        }

        row.RemoveHistograms();
    }

    // Sorts each heap, best first, and lists the points by series. A single step keeps the order of the ranks; over
    // several steps there is no such order, and series come in the order of the input.
    private OutputSeries[] Select(IReadOnlyList<OutputSeries> series, SeriesGroups groups, PointHeaps heaps)
    {
        var pointCounts = new int[series.Count];
        var order = new List<int>();
        for (var group = 0; group < groups.GroupLabels.Count; group++)
        {
            context.CheckEnded(group);
            for (var step = 0; step < _stepCount; step++)
            {
                if (_stepCount == 1) heaps.Sort(group, step, context.CancellationToken);
                foreach (var chosen in heaps.Series(group, step))
                {
                    if (pointCounts[chosen]++ == 0) order.Add(chosen);
                }
            }
        }

        if (_stepCount > 1) order.Sort();
        _selectedSeries = [.. order];
        _pointEnds = new int[_selectedSeries.Length];
        var slotOf = new int[series.Count];
        var total = 0;
        for (var i = 0; i < _selectedSeries.Length; i++)
        {
            slotOf[_selectedSeries[i]] = i;
            _pointEnds[i] = total;
            total += pointCounts[_selectedSeries[i]];
        }

        context.HoldBytes(total * 12L);
        Scatter(groups, heaps, slotOf, total);
        return Array.ConvertAll(_selectedSeries, i => series[i]);
    }

    private void Scatter(SeriesGroups groups, PointHeaps heaps, int[] slotOf, int total)
    {
        _pointSteps = new int[total];
        _pointValues = new double[total];
        for (var group = 0; group < groups.GroupLabels.Count; group++)
        {
            for (var step = 0; step < _stepCount; step++)
            {
                context.CheckEnded(step);
                var chosen = heaps.Series(group, step);
                var values = heaps.Values(group, step);
                for (var i = 0; i < chosen.Length; i++)
                {
                    var point = _pointEnds[slotOf[chosen[i]]]++;
                    _pointSteps[point] = step;
                    _pointValues[point] = values[i];
                }
            }
        }
    }

    // A binary heap per group and step. Ties fall as in Go's container/heap, so that the same series are chosen.
    private sealed class PointHeaps
    {
        private readonly long[] _counts;
        private readonly int _stepCount;
        private readonly int[] _capacities;
        private readonly double[]?[] _values;
        private readonly int[]?[] _series;
        private readonly int[]?[] _sizes;

        public PointHeaps(SeriesGroups groups, long[] counts, int stepCount)
        {
            var groupCount = groups.GroupLabels.Count;
            _counts = counts;
            _stepCount = stepCount;
            _capacities = new int[groupCount];
            _values = new double[]?[groupCount];
            _series = new int[]?[groupCount];
            _sizes = new int[]?[groupCount];
            foreach (var group in groups.GroupOf) _capacities[group]++;
            var largest = counts.Max();
            for (var i = 0; i < groupCount; i++) _capacities[i] = (int)Math.Min(_capacities[i], largest);
        }

        // What all heaps take once each group has a point.
        public long Bytes => _capacities.Sum(capacity => (long)_stepCount * (4 + capacity * 12L));

        public ReadOnlySpan<int> Series(int group, int step) => _sizes[group] is not { } sizes
            ? default
            : _series[group].AsSpan(step * _capacities[group], sizes[step]);

        public ReadOnlySpan<double> Values(int group, int step) => _sizes[group] is not { } sizes
            ? default
            : _values[group].AsSpan(step * _capacities[group], sizes[step]);

        // Answers by how many points the heaps have grown.
        public int Offer(int series, int group, ReadOnlySpan<double> points, ReadOnlySpan<ulong> presence)
        {
            var capacity = _capacities[group];
            var sizes = _sizes[group] ??= new int[_stepCount];
            var values = _values[group] ??= new double[(long)_stepCount * capacity];
            var owners = _series[group] ??= new int[(long)_stepCount * capacity];
            var added = 0;
            for (var word = 0; word < presence.Length; word++)
            {
                for (var bits = presence[word]; bits != 0; bits &= bits - 1)
                {
                    var step = word * 64 + BitOperations.TrailingZeroCount(bits);
                    var count = Math.Min(_counts[step], capacity);
                    if (count < 1) continue;
                    var heap = values.AsSpan(step * capacity, capacity);
                    var heapSeries = owners.AsSpan(step * capacity, capacity);
                    var size = sizes[step];
                    var value = points[step];
                    if (size < count)
                    {
                        heap[size] = value;
                        heapSeries[size] = series;
                        Up(heap, heapSeries, size);
                        sizes[step] = size + 1;
                        added++;
                    }
                    else if (double.IsNaN(heap[0]) ? !double.IsNaN(value) : TOrder.Less(heap[0], value) &&
                        !double.IsNaN(value))
                    {
                        heap[0] = value;
                        heapSeries[0] = series;
                        Down(heap, heapSeries, size);
                    }
                }
            }

            return added;
        }

        // Insertion sort up to a dozen, as Go's sort does it, so that ties come out in the same order.
        public void Sort(int group, int step, CancellationToken cancellation)
        {
            if (_sizes[group] is not { } sizes) return;
            var values = _values[group].AsSpan(step * _capacities[group], sizes[step]);
            var series = _series[group].AsSpan(step * _capacities[group], sizes[step]);
            ValueSort.Sort<TOrder>(values, series, cancellation);
        }

        private static void Up(Span<double> values, Span<int> series, int child)
        {
            while (child > 0)
            {
                var parent = (child - 1) / 2;
                if (!TOrder.Less(values[child], values[parent])) break;
                Swap(values, series, child, parent);
                child = parent;
            }
        }

        private static void Down(Span<double> values, Span<int> series, int size)
        {
            for (var parent = 0; ;)
            {
                var child = 2 * parent + 1;
                if (child >= size) break;
                if (child + 1 < size && TOrder.Less(values[child + 1], values[child])) child++;
                if (!TOrder.Less(values[child], values[parent])) break;
                Swap(values, series, child, parent);
                parent = child;
            }
        }

        private static void Swap(Span<double> values, Span<int> series, int a, int b)
        {
            (values[a], values[b]) = (values[b], values[a]);
            (series[a], series[b]) = (series[b], series[a]);
        }
    }
}
