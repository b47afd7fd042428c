using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>What a range function does beside its values: the labels of its series, checks and annotations.</summary>
internal sealed class RangeOutput
{
    private readonly QueryContext _context;
    private readonly Call _call;
    private readonly PositionRange _rangePosition;
    private readonly bool _keepsName;
    private readonly bool _expectsCounter;
    private readonly bool _checksLabels;
    private IReadOnlyList<OutputSeries> _inputs = [];
    private int[]? _groupOf; // which series have equal labels; null when all are different
    private bool[] _groupHasPoints = [];

    public RangeOutput(QueryContext context, Call call, PositionRange rangePosition)
    {
        _context = context;
        _call = call;
        _rangePosition = rangePosition;
        _keepsName = call.Function.Name is "last_over_time" or "first_over_time";
        _expectsCounter = call.Function.Name is "rate" or "increase";
        UsesStartTimestamps = context.Features.UseStartTimestamps &&
            call.Function.Name is "rate" or "irate" or "increase" or "resets";
        _checksLabels = !context.Features.DelayedNameRemoval && call.Function.Name is not "absent_over_time";
    }

    /// <summary>Does it matter when the counters of samples started?</summary>
    public bool UsesStartTimestamps { get; }

    /// <summary>The scalar arguments, a value per step each; set when the operator opens.</summary>
    public double[][] Parameters { get; private set; } = [];

    /// <summary>Evaluates the scalar arguments.</summary>
    public void Evaluate(IReadOnlyList<ScalarOperator> parameters)
    {
        Parameters = new double[parameters.Count][];
        for (var i = 0; i < Parameters.Length; i++)
        {
            Parameters[i] = new double[parameters[i].Grid.Count];
            parameters[i].Evaluate(Parameters[i]);
        }
    }

    /// <summary>The series of the result, from those of the argument.</summary>
    public OutputSeries[] Describe(IReadOnlyList<OutputSeries> inputs)
    {
        var outputs = new OutputSeries[inputs.Count];
        _inputs = inputs;
        for (var i = 0; i < outputs.Length; i++)
        {
            _context.CheckEnded(i);
            outputs[i] = _keepsName && !inputs[i].DropName
                ? inputs[i]
                : MetadataLabels.DropName(_context, inputs[i]);
        }

        _context.HoldLabels(outputs);
        if (_checksLabels) FindEqualLabels(outputs);
        return outputs;
    }

    /// <summary>Checks a finished row; in order, on the thread of the query.</summary>
    public void Inspect(int index, SeriesRow row)
    {
        if (row.Notes != RangeNotes.None || row.StartOverlaps != 0) Tell(_inputs[index].Labels, row);
        if (!_expectsCounter && _groupOf is null && Parameters.Length == 0) return;
        if (!row.Presence.ContainsAnyExcept(0UL)) return;
        if (_groupOf is not null)
        {
            // Upstream looks at the whole matrix here: also at different steps no two series may be equal.
            ref var hasPoints = ref _groupHasPoints[_groupOf[index]];
            if (hasPoints) throw new QueryException(QueryErrorKind.Execution, SameLabelsMerge.ErrorText);
            hasPoints = true;
        }

        if (_expectsCounter && HasFloat(row)) CheckCounter(_inputs[index].Labels);
        if (_call.Function.Name is "quantile_over_time") CheckQuantile(row);
    }

    /// <summary>Fails when a window holds more samples than a query may.</summary>
    public void Check(RangeCounts counts)
    {
        if (counts.Largest > _context.Limits.MaxSamples)
            throw new QueryException(QueryErrorKind.Execution, QueryContext.TooManySamplesText);
    }

    private void FindEqualLabels(OutputSeries[] outputs)
    {
        var groups = new Dictionary<Labels, int>(outputs.Length, LabelsComparer.Instance);
        var groupOf = new int[outputs.Length];
        for (var i = 0; i < outputs.Length; i++)
        {
            _context.CheckEnded(i);
            ref var group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, outputs[i].Labels, out var known);
            if (!known) group = groups.Count - 1;
            groupOf[i] = group;
        }

        if (groups.Count == outputs.Length) return;
        _groupOf = groupOf;
        _groupHasPoints = new bool[groups.Count];
    }

    private void Tell(Labels series, SeriesRow row)
    {
        // Upstream means the first argument, which is not always the range.
        var position = _call.Function.Name is "quantile_over_time"
            ? _call.Arguments[0].WithoutParentheses().Position
            : _rangePosition;
        _context.Tell(row.Notes, series, position, _call.Position);
        if (row.StartOverlaps == 0) return;
        _context.WarnCounted(
            position,
            "sample has start time that overlaps with previous sample timestamp for metric " +
            GoText.Quote(series.MetricNameValue),
            _call.Position,
            row.StartOverlaps);
    }

    private static bool HasFloat(SeriesRow row)
    {
        if (!row.HasHistograms) return true;
        for (var step = 0; step < row.StepCount; step++)
        {
            if (row.Has(step) && row.Histograms[step] is null) return true;
        }

        return false;
    }

    private void CheckCounter(Labels labels)
    {
        var name = labels.MetricNameValue;
        if (_context.Features.TypeAndUnitLabels)
        {
            var type = labels.Get(MetadataLabels.Type);
            if (name.IsEmpty || type.SequenceEqual("counter"u8) || type.SequenceEqual("histogram"u8)) return;
            _context.Inform(_rangePosition,
                "metric might not be a counter, __type__ label is not set to \"counter\" or \"histogram\", got " +
                $"{GoText.Quote(type)}: {GoText.Quote(name)}",
                _call.Position);
            return;
        }

        if (name.IsEmpty || name.EndsWith("_total"u8) || name.EndsWith("_sum"u8) || name.EndsWith("_count"u8) ||
            name.EndsWith("_bucket"u8)) return;
        _context.Inform(_rangePosition,
            $"metric might not be a counter, name does not end in _total/_sum/_count/_bucket: {GoText.Quote(name)}",
            _call.Position);
    }

    private void CheckQuantile(SeriesRow row)
    {
        var quantiles = Parameters[0];
        for (var step = 0; step < quantiles.Length; step++)
        {
            var quantile = quantiles[step];
            if (quantile is >= 0 and <= 1 || !row.Has(step)) continue;
            if (step > 0 && quantile.Equals(quantiles[step - 1]) && row.Has(step - 1)) continue;
            _context.Warn(_call.Arguments[0].WithoutParentheses().Position,
                $"quantile value should be between 0 and 1, got {GoFloat.FormatGeneral(quantile)}",
                _call.Position);
        }
    }
}
