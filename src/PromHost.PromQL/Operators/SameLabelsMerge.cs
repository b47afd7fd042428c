using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// Joins series of equal labels that never have a point at the same step into one, and fails where they do. Follows
/// every operator that may change labels. Costs one look at the labels when no two are equal.
/// </summary>
/// <remarks>Rows are held only of series whose labels occur more than once.</remarks>
internal sealed class SameLabelsMerge : SeriesOperator
{
    /// <summary>Prometheus's text for two points of one series at one step.</summary>
    public const string ErrorText = "vector cannot contain metrics with the same labelset";

    private readonly QueryContext _context;
    private readonly SeriesOperator _input;
    private readonly bool _isStepwise; // upstream merges step by step, not series by series
    private int[]? _outputOf; // output position of each input series, null when all are different
    private int[] _remaining = []; // input series yet to come, per output
    private SeriesRow?[] _held = [];
    private long[] _heldBytes = [];
    private SeriesRow? _inputRow;
    private int _nextInput;
    private int _nextOutput;
    private bool _inputIsRead;

    private SameLabelsMerge(QueryContext context, SeriesOperator input, bool isStepwise)
        : base(input.Grid)
    {
        _context = context;
        _input = input;
        _isStepwise = isStepwise;
    }

    /// <summary>What it follows.</summary>
    public SeriesOperator Input => _input;

    /// <summary>
    /// What upstream does after functions, operators and aggregations. An instant query with delayed removal of
    /// names leaves equal labels alone until its end, where names have been dropped.
    /// </summary>
    public static SeriesOperator AfterFunction(QueryContext context, SeriesOperator input) =>
        context.Features.DelayedNameRemoval && input.Grid.StartMs == input.Grid.EndMs
            ? input
            : new SameLabelsMerge(context, input, isStepwise: true);

    /// <summary>What upstream does after <c>label_replace</c>, <c>label_join</c> and at the end of a query.</summary>
    public static SeriesOperator AfterRelabeling(QueryContext context, SeriesOperator input) =>
        new SameLabelsMerge(context, input, isStepwise: false);

    /// <inheritdoc/>
    public override IReadOnlyList<OutputSeries> Open()
    {
        var series = _input.Open();
        var positions = new Dictionary<Labels, int>(series.Count, LabelsComparer.Instance);
        var outputOf = new int[series.Count];
        for (var i = 0; i < series.Count; i++)
        {
            _context.CheckEnded(i);
            ref var output = ref CollectionsMarshal.GetValueRefOrAddDefault(positions, series[i].Labels, out var known);
            if (!known) output = positions.Count - 1;
            outputOf[i] = output;
        }

        if (positions.Count == series.Count) return series;
        _context.HoldBytes(series.Count * 8L + positions.Count * 32L);
        _outputOf = outputOf;
        _remaining = new int[positions.Count];
        _held = new SeriesRow?[positions.Count];
        _heldBytes = new long[positions.Count];
        _inputRow = new SeriesRow(Grid.Count);
        var outputs = new OutputSeries[positions.Count];
        for (var i = series.Count - 1; i >= 0; i--)
        {
            _remaining[outputOf[i]]++;
            outputs[outputOf[i]] = series[i];
        }

        var isMixed = false;
        for (var i = 0; i < series.Count; i++) isMixed |= series[i].DropName != outputs[outputOf[i]].DropName;
        if (_isStepwise && isMixed) TakeNames(series, outputs);
        return outputs;
    }

    /// <inheritdoc/>
    public override bool TryNext(SeriesRow row)
    {
        if (_outputOf is null) return _input.TryNext(row);
        if (_nextOutput == _held.Length)
        {
            // Operators may check something when they are asked for more than there is.
            if (!_inputIsRead) _input.TryNext(_inputRow!);
            _inputIsRead = true;
            return false;
        }

        var output = _nextOutput++;
        while (_remaining[output] > 0) ReadInput();
        row.TakeFrom(_held[output]!);
        _held[output] = null;
        _context.ReleaseSamples(row.CountPresent());
        _context.ReleaseBytes(_heldBytes[output]);
        return true;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _input.Dispose();
        base.Dispose();
    }

    // Where a name is to be dropped from one of the series and not from another, what holds for the earliest point
    // holds for all.
    private void TakeNames(IReadOnlyList<OutputSeries> series, OutputSeries[] outputs)
    {
        var firstSteps = new int[outputs.Length];
        Array.Fill(firstSteps, int.MaxValue);
        while (_nextInput < series.Count)
        {
            var input = _nextInput;
            ReadInput();
            var first = 0;
            while (first < Grid.Count && !_inputRow!.Has(first)) first++;
            var output = _outputOf![input];
            if (first >= Grid.Count || first >= firstSteps[output]) continue;
            firstSteps[output] = first;
            outputs[output] = series[input];
        }
    }

    private void ReadInput()
    {
        var output = _outputOf![_nextInput++];
        if (!_input.TryNext(_inputRow!)) throw new InvalidOperationException("an operator emits fewer rows than told");
        _remaining[output]--;
        _context.HoldSamples(_inputRow!.CountPresent());
        var bytes = _inputRow.HistogramBytes();
        ref var held = ref _held[output];
        if (held is null) bytes += SeriesRow.BytesOf(Grid.Count);
        _context.HoldBytes(bytes);
        _heldBytes[output] += bytes;
        if (held is null)
        {
            held = new SeriesRow(Grid.Count);
            held.TakeFrom(_inputRow!);
            return;
        }

        Join(_inputRow!, held);
    }

    private static void Join(SeriesRow source, SeriesRow target)
    {
        for (var word = 0; word < source.Presence.Length; word++)
        {
            if ((source.Presence[word] & target.Presence[word]) != 0)
                throw new QueryException(QueryErrorKind.Execution, ErrorText);
        }

        for (var step = 0; step < source.StepCount; step++)
        {
            if (!source.Has(step)) continue;
            if (source.HasHistograms && source.Histograms[step] is { } histogram) target.Set(step, histogram);
            else target.Set(step, source.Values[step]);
        }
    }
}
