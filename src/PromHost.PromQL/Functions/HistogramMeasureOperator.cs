// Hot path: the buckets of every classic histogram, and every native one, at every step.
using System.Numerics;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// Functions of histograms: classic ones, whose buckets are series that differ in the label <c>le</c>, and native ones,
/// which are points of a series without buckets. A histogram's rows are held until its last series has come; then its
/// results are computed and the rows are let go. Where a histogram is both at a step, it has no result.
/// </summary>
/// <remarks>Native histograms of a series that a classic one has for a bucket are passed over.</remarks>
internal sealed class HistogramMeasureOperator : SeriesOperator
{
    private static readonly LabelNameSet s_bucketLabel = new("le");

    private readonly QueryContext _context;
    private readonly SeriesOperator _input;
    private readonly PositionRange _inputPosition;
    private readonly MonotonicityRepairs _repairs;
    private readonly IHistogramMeasure[] _measures;
    private readonly SeriesRow _inputRow;
    private readonly StepColumns<double> _values;
    private readonly StepColumns<ulong> _presence;
    private readonly Stack<int> _freeSlots = new();
    private readonly Dictionary<int, NativeRow> _natives = [];
    private readonly Stack<SeriesRow> _freeNatives = new();
    private readonly List<(int Histogram, int Measure)> _outputs = [];
    private IReadOnlyList<OutputSeries> _series = [];
    private Histogram[] _histograms = [];
    private int[] _slotOf = [];
    private int _slotCount;
    private double[] _bounds = [];
    private bool[] _isBucket = [];
    private double[] _stepBounds = [];
    private double[] _stepCounts = [];
    private int _nextSeries;
    private int _nextOutput;
    private int _openHistogram = -1;
    private int _variant;

    private HistogramMeasureOperator(
        QueryContext context, Expression argument, SeriesOperator input, IHistogramMeasure[] measures)
        : base(input.Grid)
    {
        _context = context;
        _input = input;
        _inputPosition = argument.WithoutParentheses().Position;
        _repairs = new MonotonicityRepairs(context, _inputPosition);
        _measures = measures;
        _inputRow = new SeriesRow(Grid.Count);
        _values = new StepColumns<double>(Grid.Count);
        _presence = new StepColumns<ulong>(PresenceBits.WordCount(Grid.Count));
    }

    /// <summary>Makes <c>histogram_quantile(quantile, v)</c>.</summary>
    public static HistogramMeasureOperator Quantile(
        QueryContext context, Call call, SeriesOperator input, ScalarOperator quantile) =>
        new(context, call.Arguments[1], input,
            [new QuantileMeasure(context, quantile, call.Arguments[0], call.Position, label: null)]);

    /// <summary>Makes <c>histogram_quantiles(v, label, quantile…)</c>.</summary>
    public static HistogramMeasureOperator Quantiles(
        QueryContext context, Call call, SeriesOperator input, ScalarOperator[] quantiles)
    {
        var label = LabelFunctions.Utf8(call, 1);
        var measures = new IHistogramMeasure[quantiles.Length];
        for (var i = 0; i < measures.Length; i++)
            measures[i] = new QuantileMeasure(context, quantiles[i], call.Arguments[i + 2], call.Position, label);
        return new HistogramMeasureOperator(context, call.Arguments[0], input, measures);
    }

    /// <summary>Makes <c>histogram_fraction(lower, upper, v)</c>.</summary>
    public static HistogramMeasureOperator Fraction(
        QueryContext context, Call call, SeriesOperator input, ScalarOperator lower, ScalarOperator upper) =>
        new(context, call.Arguments[2], input, [new FractionMeasure(lower, upper)]);

    public override IReadOnlyList<OutputSeries> Open()
    {
        foreach (var measure in _measures) measure.Evaluate(Grid);
        _series = _input.Open();
        FindHistograms();
        var outputs = new List<OutputSeries>();
        for (var i = 0; i < _histograms.Length; i++)
        {
            var series = MetadataLabels.DropName(_context, new OutputSeries(_histograms[i].Labels));
            for (var measure = 0; measure < _measures.Length; measure++)
            {
                foreach (var labels in _measures[measure].Label(series.Labels))
                {
                    outputs.Add(series with { Labels = labels });
                    _outputs.Add((i, measure));
                }
            }
        }

        if (outputs.Count == 0) Finish();
        return outputs;
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_nextOutput == _outputs.Count) return false;
        row.Clear();
        _variant = _nextOutput > 0 && _outputs[_nextOutput - 1] == _outputs[_nextOutput] ? _variant + 1 : 0;
        var (histogram, measure) = _outputs[_nextOutput++];
        if (histogram != _openHistogram)
        {
            if (_openHistogram >= 0) Release(_histograms[_openHistogram]);
            _openHistogram = histogram;
            while (_nextSeries <= _histograms[histogram].LastSeries) TryReadSeries();
        }

        Compute(_histograms[histogram], _measures[measure], _variant, row);
        if (_nextOutput == _outputs.Count) Finish();
        return true;
    }

    public override void Dispose()
    {
        foreach (var measure in _measures) measure.Dispose();
        _input.Dispose();
        base.Dispose();
    }

    private void Finish()
    {
        while (TryReadSeries())
        {
        }

        _repairs.Report();
    }

    private void FindHistograms()
    {
        _bounds = new double[_series.Count];
        _isBucket = new bool[_series.Count];
        _slotOf = new int[_series.Count];
        var index = new LabelsIndex();
        var members = new List<List<int>>();
        var others = new List<int>();
        for (var i = 0; i < _series.Count; i++)
        {
            _context.CheckEnded(i);
            _isBucket[i] = BucketBound.TryParse(_series[i].Labels.Get("le"u8), out _bounds[i]);
            if (!_isBucket[i])
            {
                others.Add(i);
                continue;
            }

            var group = index.Intern(_series[i].Labels, s_bucketLabel, keep: false);
            if (group == members.Count) members.Add([]);
            members[group].Add(i);
        }

        _histograms = new Histogram[members.Count];
        var longest = 0;
        for (var i = 0; i < _histograms.Length; i++)
        {
            var lastSeries = members[i][^1];
            int[] byBound = [.. members[i].OrderBy(series => _bounds[series])];
            _histograms[i] = new Histogram(index.Sets[i], byBound, Histogram.NoSeries, lastSeries);
            longest = Math.Max(longest, byBound.Length);
        }

        AddNatives(others, index);
        Array.Sort(_histograms, static (a, b) => a.LastSeries.CompareTo(b.LastSeries));
        _stepBounds = new double[longest];
        _stepCounts = new double[longest];
    }

    // A series whose labels are those that the buckets of a classic histogram have in common is the same histogram. So
    // are several that differed in name, type or unit only: then no two have a point at the same step.
    private void AddNatives(List<int> series, LabelsIndex index)
    {
        var ofClassic = _histograms.Length;
        var alone = new List<Histogram>();
        foreach (var i in series)
        {
            var labels = _series[i].Labels;
            var group = ofClassic == 0 ? ofClassic : index.Intern(labels);
            if (group < ofClassic)
            {
                var known = _histograms[group];
                var last = Math.Max(known.LastSeries, i);
                _histograms[group] = known.Native == Histogram.NoSeries
                    ? known with { Native = i, LastSeries = last }
                    : known with { OtherNatives = [.. known.OtherNatives, i], LastSeries = last };
            }
            else
            {
                alone.Add(new Histogram(labels, [], i, i));
            }
        }

        if (alone.Count > 0) _histograms = [.. _histograms, .. alone];
    }

    private bool TryReadSeries()
    {
        if (!_input.TryNext(_inputRow)) return false;
        var series = _nextSeries++;
        if (!_isBucket[series])
        {
            if (_inputRow.HasHistograms) HoldNatives(series);
            if (PresenceBits.Any(_inputRow.Presence)) WarnBadBound(_series[series].Labels);
            return true;
        }

        _inputRow.RemoveHistograms();
        if (_freeSlots.Count == 0)
        {
            _context.HoldBytes(SeriesRow.BytesOf(Grid.Count));
            _freeSlots.Push(_slotCount++);
        }

        var slot = _freeSlots.Pop();
        _slotOf[series] = slot;
        _context.HoldSamples(_inputRow.CountPresent());
        _inputRow.Values.CopyTo(_values.Row(slot));
        _inputRow.Presence.CopyTo(_presence.Row(slot));
        return true;
    }

    // Takes the histograms out of the row.
    private void HoldNatives(int series)
    {
        var bytes = _inputRow.HistogramBytes();
        _context.HoldBytes(bytes);
        if (!_freeNatives.TryPop(out var natives)) natives = new SeriesRow(Grid.Count);
        natives.TakeFrom(_inputRow);
        var count = 0;
        for (var step = 0; step < natives.StepCount; step++)
        {
            if (!natives.Has(step)) continue;
            if (natives.HistogramAt(step) is null)
            {
                natives.Unset(step);
                continue;
            }

            _inputRow.Unset(step);
            count++;
        }

        _natives.Add(series, new NativeRow(natives, count, bytes));
        _context.HoldSamples(count);
    }

    private void Release(Histogram histogram)
    {
        ReleaseNatives(histogram.Native);
        foreach (var series in histogram.OtherNatives) ReleaseNatives(series);
        foreach (var series in histogram.Buckets)
        {
            var slot = _slotOf[series];
            _freeSlots.Push(slot);
            foreach (var word in _presence.Row(slot)) _context.ReleaseSamples(BitOperations.PopCount(word));
        }
    }

    private void ReleaseNatives(int series)
    {
        if (!_natives.Remove(series, out var natives)) return;
        _freeNatives.Push(natives.Points!);
        _context.ReleaseSamples(natives.Count);
        _context.ReleaseBytes(natives.Bytes);
    }

    private static NativeHistogram? NativeAt(SeriesRow? row, int step) =>
        row is not null && row.Has(step) ? row.HistogramAt(step) : null;

    private NativeHistogram? OtherNative(Histogram histogram, int step)
    {
        foreach (var series in histogram.OtherNatives)
        {
            if (NativeAt(_natives.GetValueOrDefault(series).Points, step) is { } native) return native;
        }

        return null;
    }

    private void Compute(Histogram histogram, IHistogramMeasure measure, int variant, SeriesRow row)
    {
        var natives = _natives.GetValueOrDefault(histogram.Native).Points;
        if (natives is null && histogram.Buckets.Length == 0) return;
        for (var step = 0; step < Grid.Count; step++)
        {
            if (!measure.IsAsked(variant, step)) continue;
            var count = 0;
            foreach (var series in histogram.Buckets)
            {
                var slot = _slotOf[series];
                if (!PresenceBits.Has(_presence.Row(slot), step)) continue;
                _stepBounds[count] = _bounds[series];
                _stepCounts[count++] = _values.Row(slot)[step];
            }

            if ((NativeAt(natives, step) ?? OtherNative(histogram, step)) is { } native)
            {
                if (count == 0) row.Set(step, Measure(measure, native, histogram.Labels, step));
                else _context.Warn(
                    _inputPosition,
                    "vector contains a mix of classic and native histograms" + ForMetric(histogram.Labels));
                continue;
            }

            if (count == 0) continue;
            var buckets = new ClassicBuckets(_stepBounds.AsSpan(0, count), _stepCounts.AsSpan(0, count));
            row.Set(step, measure.Measure(ref buckets, step));
            if (buckets.WasRaised) _repairs.Add(MetricNameForTexts(histogram.Labels), Grid.TimeMs(step), ref buckets);
        }
    }

    private double Measure(IHistogramMeasure measure, NativeHistogram histogram, Labels labels, int step)
    {
        var value = measure.Measure(histogram, step, out var info);
        if (info is not null) _context.Inform(_inputPosition, info + ForMetric(labels));
        return value;
    }

    private void WarnBadBound(Labels labels) => _context.Warn(
        _inputPosition,
        "bucket label \"le\" is missing or has a malformed value of " + GoText.Quote(labels.Get("le"u8)) +
        ForMetric(labels));

    private string ForMetric(Labels labels)
    {
        var metric = MetricNameForTexts(labels);
        return metric.Length == 0 ? string.Empty : $" for metric name {GoText.Quote(metric)}";
    }

    private string MetricNameForTexts(Labels labels) =>
        _context.Features.DelayedNameRemoval ? labels.GetString(Labels.MetricName) ?? string.Empty : string.Empty;

    private readonly record struct NativeRow(SeriesRow? Points, int Count, long Bytes);

    private sealed record Histogram(Labels Labels, int[] Buckets, int Native, int LastSeries)
    {
        public const int NoSeries = -1;

        public int[] OtherNatives { get; init; } = [];
    }
}
