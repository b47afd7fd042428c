// Hot path: every row of every operation between two vectors.
namespace PromHost.PromQL;

/// <summary>
/// Arithmetic and comparison between two vectors. The "one" side is held, a row per match group; the "many" side
/// streams. Series that alternate in time are partners step by step.
/// </summary>
/// <remarks>
/// A duplicate on the "one" side is an error only at a step at which the "many" side has any point. That is known when
/// the latter has been read, so the error may come with the last row; never after it, since not everybody asks on.
/// </remarks>
internal sealed class JoinOperator : SeriesOperator
{
    private readonly QueryContext _context;
    private readonly BinaryExpression _expression;
    private readonly SeriesOperator _many;
    private readonly SeriesOperator _one;
    private readonly BinaryKernel _kernel;
    private readonly HistogramPairs _histogramPairs;
    private readonly bool _isSwapped;
    private readonly SeriesRow _manyRow;
    private readonly double[] _filled;
    private readonly ulong[] _manySteps;
    private readonly StepColumns<ulong> _taken;
    private readonly StepColumns<ulong> _matched;
    private IReadOnlyList<OutputSeries> _oneSeries = [];
    private JoinPlan? _plan;
    private HeldSide? _held;
    private int _manyPosition = -1;
    private bool _manyIsRead;
    private int _nextEntry;

    public JoinOperator(
        QueryContext context,
        BinaryExpression expression,
        SeriesOperator left,
        SeriesOperator right,
        BinaryKernel kernel)
        : base(left.Grid)
    {
        _context = context;
        _expression = expression;
        _kernel = kernel;
        _histogramPairs = new HistogramPairs(context, expression, expression.ReturnsBool, left.Grid.Count);
        _isSwapped = expression.Matching!.Cardinality == MatchingCardinality.OneToMany;
        (_many, _one) = _isSwapped ? (right, left) : (left, right);
        var words = PresenceBits.WordCount(Grid.Count);
        _manyRow = new SeriesRow(Grid.Count);
        _filled = new double[Grid.Count];
        _manySteps = new ulong[words];
        _taken = new StepColumns<ulong>(words);
        _matched = new StepColumns<ulong>(words);
    }

    public override IReadOnlyList<OutputSeries> Open()
    {
        var manySeries = _many.Open();
        _oneSeries = _one.Open();
        var changesMetric = _expression.Operator.IsArithmetic();
        _plan = new JoinPlan(
            _context,
            _expression,
            manySeries,
            _oneSeries,
            changesMetric || (_expression.ReturnsBool && !_context.Features.DelayedNameRemoval));
        _context.HoldBytes(_plan.BytesFor(Grid.Count));
        _held = new HeldSide(_context, _plan, Grid.Count);
        _held.Read(_one);
        var outputs = new OutputSeries[_plan.Entries.Count];
        for (var i = 0; i < outputs.Length; i++)
            outputs[i] = new OutputSeries(_plan.LabelsOf(_plan.Entries[i]), _expression.ReturnsBool);
        if (outputs.Length == 0) Finish();
        return outputs;
    }

    public override bool TryNext(SeriesRow row)
    {
        if (_nextEntry == _plan!.Entries.Count) return false;
        var entry = _plan.Entries[_nextEntry++];
        row.Clear();
        if (entry.Many == JoinEntry.NoSeries)
        {
            while (TryReadMany())
            {
            }

            EmitUnmatched(entry, row);
        }
        else
        {
            while (_manyPosition < entry.Many) TryReadMany();
            Emit(entry, row);
        }

        if (_nextEntry == _plan.Entries.Count) Finish();
        return true;
    }

    public override void Dispose()
    {
        _held?.Dispose();
        _many.Dispose();
        _one.Dispose();
        base.Dispose();
    }

    private void Finish()
    {
        while (TryReadMany())
        {
        }

        ThrowIfOneSideHasDuplicates();
        _histogramPairs.Report();
    }

    private bool TryReadMany()
    {
        // Asked once more than there are rows, as an operator may fail only then, but not again.
        if (_manyIsRead) return false;
        if (!_many.TryNext(_manyRow))
        {
            _manyIsRead = true;
            return false;
        }

        _manyPosition++;
        PresenceBits.Or(_manySteps, _manyRow.Presence);
        return true;
    }

    private void Emit(in JoinEntry entry, SeriesRow row)
    {
        var one = _held!.Presence(entry.Group);
        var presence = row.Presence;
        _manyRow.Presence.CopyTo(presence);
        var isPartner = !entry.IsFill && (entry.Class != JoinEntry.AnyClass || _plan!.FillRight is null);
        if (isPartner) PresenceBits.And(presence, one);
        else if (entry.Class == JoinEntry.AnyClass && entry.IsFill) PresenceBits.AndNot(presence, one);
        if (entry.Class != JoinEntry.AnyClass) _held.KeepClass(entry.Group, entry.Class, presence);
        var many = new PairSide(_manyRow.Values, _manyRow.Histograms);
        var held = _held.Points(entry.Group);
        if (!isPartner) held = WithFill(held, one);
        Resolve(many, held, presence);
        if (entry.Slot != JoinEntry.NoSlot) Take(entry.Slot, presence);
        if (_plan!.FillLeft is not null) PresenceBits.Or(_matched.Row(entry.Group), presence);
        Apply(many, held, row);
    }

    // The points of the "one" side that found no partner meet the fill value.
    private void EmitUnmatched(in JoinEntry entry, SeriesRow row)
    {
        var presence = row.Presence;
        _held!.Presence(entry.Group).CopyTo(presence);
        PresenceBits.AndNot(presence, _matched.Row(entry.Group));
        if (entry.Class != JoinEntry.AnyClass) _held.KeepClass(entry.Group, entry.Class, presence);
        Array.Fill(_filled, _plan!.FillLeft!.Value);
        var many = new PairSide(_filled, default);
        var held = _held.Points(entry.Group);
        Resolve(many, held, presence);
        Apply(many, held, row);
    }

    private PairSide WithFill(PairSide held, ReadOnlySpan<ulong> presence)
    {
        Array.Fill(_filled, _plan!.FillRight!.Value);
        if (!PresenceBits.Any(presence)) return new PairSide(_filled, default);
        for (var step = 0; step < _filled.Length; step++)
        {
            if (PresenceBits.Has(presence, step)) _filled[step] = held.Values[step];
        }

        return held.WithValues(_filled);
    }

    private void Resolve(in PairSide many, in PairSide one, Span<ulong> presence)
    {
        if (_isSwapped) _histogramPairs.Resolve(one, many, presence);
        else _histogramPairs.Resolve(many, one, presence);
    }

    private void Apply(in PairSide many, in PairSide one, SeriesRow row)
    {
        var left = _isSwapped ? one.Values : many.Values;
        var right = _isSwapped ? many.Values : one.Values;
        _histogramPairs.TakeOut(row.Presence);
        if (!_kernel.WritesValues) left.CopyTo(row.Values);
        _kernel.Apply(left, right, row.Values, row.Presence);
        _histogramPairs.Write(row);
    }

    // Asked before a comparison filters: what it drops was a match all the same.
    private void Take(int slot, ReadOnlySpan<ulong> presence)
    {
        var taken = _taken.Row(slot);
        if (PresenceBits.Intersect(taken, presence))
        {
            // Upstream looks at the "one" side first, so its duplicates are what is told where both sides have some.
            Finish();
            throw new QueryException(
                QueryErrorKind.Execution,
                _expression.Matching!.Cardinality == MatchingCardinality.OneToOne
                    ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
                    : "multiple matches for labels: grouping labels must ensure unique matches");
        }

        PresenceBits.Or(taken, presence);
    }

    private void ThrowIfOneSideHasDuplicates()
    {
        if (!_held!.HasConflicts) return;
        if (_plan!.FillLeft is not null || _plan.FillRight is not null) Array.Fill(_manySteps, ulong.MaxValue);
        if (_held.FindConflict(_manySteps) is not { } conflict) return;
        var first = _oneSeries[conflict.First].Labels;
        var second = _oneSeries[conflict.Second].Labels;
        string[] texts = [first.ToString(), second.ToString()];
        Array.Sort(texts, StringComparer.Ordinal);
        var side = _isSwapped ? "left" : "right";
        throw new QueryException(
            QueryErrorKind.Execution,
            $"found duplicate series for the match group {_plan.MatchLabels(first)} on the {side} hand-side of the " +
            $"operation: [{texts[0]}, {texts[1]}];many-to-many matching not allowed: matching labels must be unique " +
            "on one side");
    }
}
