// Hot path: takes every row of an answer.
using System.Numerics;
using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Collects the rows of the outermost operator into the columns of a result.</summary>
internal sealed class ResultCollector(QueryContext context)
{
    // A series of the result beside its points.
    private const int SeriesBytes = 160;

    private readonly List<MatrixSeries> _series = [];
    private readonly HistogramPool _pool = new(); // of the result's histograms; never cleared
    private long[]? _gridTimesMs;

    /// <summary>Collects an instant vector; series without a point are left out.</summary>
    /// <param name="root">Of one step; opened here.</param>
    public VectorResult CollectVector(SeriesOperator root)
    {
        var series = root.Open();
        context.HoldBytes(series.Count * 16L);
        var labels = new Labels[series.Count];
        var values = new double[series.Count];
        NativeHistogram?[]? histograms = null;
        var row = new SeriesRow(1);
        var count = 0;
        for (var i = 0; root.TryNext(row); i++)
        {
            context.CheckEnded(i);
            if (!row.Has(0)) continue;
            if (row.HasHistograms && row.Histograms[0] is { } histogram) HoldHistogram(histogram, timeBytes: 0);
            else context.HoldSamples(1);
            labels[count] = series[i].Labels;
            values[count] = row.Values[0];
            if (row.HistogramAt(0) is { } point)
                (histograms ??= new NativeHistogram?[series.Count])[count] = _pool.Copy(point);
            count++;
        }

        return new VectorResult(root.Grid.StartMs, labels.AsMemory(0, count), values.AsMemory(0, count),
            histograms is null ? default : histograms.AsMemory(0, count));
    }

    /// <summary>Collects all points of all steps; series without a point are left out.</summary>
    /// <param name="root">Opened here.</param>
    public void CollectRows(SeriesOperator root)
    {
        var series = root.Open();
        var row = new SeriesRow(root.Grid.Count);
        for (var i = 0; root.TryNext(row); i++)
        {
            context.CheckEnded();
            AddRow(series[i].Labels, row, root.Grid);
        }
    }

    /// <summary>Adds the points of a row, if it has any.</summary>
    public void AddRow(Labels labels, SeriesRow row, StepGrid grid)
    {
        var count = row.CountPresent();
        if (count == 0) return;
        context.HoldBytes(SeriesBytes + count * 8L);
        if (row.HasHistograms)
        {
            AddMixedRow(labels, row, grid);
            return;
        }

        context.HoldSamples(count);

        if (_gridTimesMs is null)
        {
            _gridTimesMs = new long[grid.Count];
            for (var step = 0; step < _gridTimesMs.Length; step++) _gridTimesMs[step] = grid.TimeMs(step);
        }

        // Most series have points from one step on, or up to one: these share the times of the grid.
        var first = FirstStep(row.Presence);
        if (EndStep(row.Presence) - first == count)
        {
            AddFloats(labels, _gridTimesMs.AsMemory(first, count), row.Values.Slice(first, count).ToArray());
            return;
        }

        context.HoldBytes(count * 8L);
        var times = new long[count];
        var values = new double[count];
        var position = 0;
        for (var step = 0; position < count; step++)
        {
            if (!row.Has(step)) continue;
            times[position] = _gridTimesMs[step];
            values[position++] = row.Values[step];
        }

        AddFloats(labels, times, values);
    }

    /// <summary>Adds a series of floats.</summary>
    public void AddFloats(Labels labels, ReadOnlyMemory<long> timestampsMs, double[] values) =>
        _series.Add(new MatrixSeries(labels, timestampsMs, values, default, default));

    /// <summary>Adds a series of a range selector that has histograms, if it has any sample.</summary>
    /// <param name="labels">The series.</param>
    /// <param name="samples">Its samples; copied.</param>
    /// <param name="counts">Where they are counted.</param>
    /// <param name="selector">The selector.</param>
    /// <exception cref="QueryException">The selector has a modifier that knows no histograms.</exception>
    public void AddSamples(Labels labels, MixedSamples samples, QuerySampleCounts counts, VectorSelector selector)
    {
        if (selector.IsAnchored || selector.IsSmoothed)
        {
            throw new QueryException(QueryErrorKind.Execution,
                $"{(selector.IsAnchored ? "anchored" : "smoothed")} modifier is not supported with histograms");
        }

        if (samples.Count == 0) return;
        var weight = samples.WeightBefore(samples.Count);
        context.HoldSamples(weight);
        context.HoldBytes(SeriesBytes + weight * 16L);
        counts.Add(weight, weight);
        _series.Add(new MatrixSeries(
            labels,
            samples.Floats.TimestampsMs.ToArray(),
            samples.Floats.Samples.ToArray(),
            samples.Histograms.TimestampsMs.ToArray(),
            Copy(samples.Histograms.Samples)));
    }

    /// <summary>The series collected, ordered by their labels.</summary>
    public MatrixResult ToMatrix()
    {
        CancellableSort.Sort(
            CollectionsMarshal.AsSpan(_series), static (a, b) => a.Labels.CompareTo(b.Labels),
            context.CancellationToken);
        return new MatrixResult(_series);
    }

    /// <summary>What the label sets of a result take in memory.</summary>
    public static long LabelBytesOf(QueryValue value)
    {
        var bytes = 0L;
        if (value is VectorResult vector)
        {
            foreach (var labels in vector.Labels.Span) bytes += QueryContext.BytesOf(labels);
        }
        else if (value is MatrixResult matrix)
        {
            foreach (var series in matrix.Series) bytes += QueryContext.BytesOf(series.Labels);
        }

        return bytes;
    }

    // The first step with a point, and the one behind the last; there is a point.
    private static int FirstStep(ReadOnlySpan<ulong> presence)
    {
        var word = presence.IndexOfAnyExcept(0UL);
        return (word << 6) + BitOperations.TrailingZeroCount(presence[word]);
    }

    private static int EndStep(ReadOnlySpan<ulong> presence)
    {
        var word = presence.LastIndexOfAnyExcept(0UL);
        return (word << 6) + 64 - BitOperations.LeadingZeroCount(presence[word]);
    }

    // As samples they are counted as upstream does: with their time in a range, without it in a vector.
    private void HoldHistogram(NativeHistogram histogram, int timeBytes)
    {
        var bytes = HistogramSize.BytesOf(histogram);
        context.HoldSamples((bytes + timeBytes) / 16);
        context.HoldBytes(bytes + 16);
    }

    private NativeHistogram[] Copy(ReadOnlySpan<NativeHistogram> histograms)
    {
        var copies = new NativeHistogram[histograms.Length];
        for (var i = 0; i < copies.Length; i++) copies[i] = _pool.Copy(histograms[i]);
        return copies;
    }

    private void AddMixedRow(Labels labels, SeriesRow row, StepGrid grid)
    {
        NativeHistogram? before = null;
        var times = new List<long>();
        var values = new List<double>();
        var histogramTimes = new List<long>();
        var histograms = new List<NativeHistogram>();
        for (var step = 0; step < row.StepCount; step++)
        {
            if (!row.Has(step)) continue;
            if (row.Histograms[step] is { } histogram)
            {
                HoldHistogram(histogram, timeBytes: 8);
                histogramTimes.Add(grid.TimeMs(step));
                // One point after the other often is the same sample.
                histograms.Add(ReferenceEquals(histogram, before) ? histograms[^1] : _pool.Copy(histogram));
                before = histogram;
            }
            else
            {
                context.HoldSamples(1);
                times.Add(grid.TimeMs(step));
                values.Add(row.Values[step]);
            }
        }

        _series.Add(new MatrixSeries(
            labels, times.ToArray(), values.ToArray(), histogramTimes.ToArray(), histograms.ToArray()));
    }
}
