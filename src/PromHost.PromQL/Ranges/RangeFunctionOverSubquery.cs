// Hot path: evaluates per series of a subquery.
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>A range function over a subquery, whose rows take the place of samples from the storage.</summary>
internal sealed class RangeFunctionOverSubquery<TKernel> : SeriesOperator
    where TKernel : struct, IRangeKernel
{
    private readonly SeriesOperator _input;
    private readonly RangeGrid _windows;
    private readonly RangeOutput _output;
    private readonly IReadOnlyList<ScalarOperator> _parameters;
    private readonly Func<double[][], RangeKernels<TKernel>> _makeKernels;
    private readonly QuerySampleCounts _counts;
    private readonly SeriesRow _inputRow;
    private readonly CancellationToken _cancellation;
    private long[] _timestampsMs = [];
    private double[] _values = [];
    private RangeKernels<TKernel> _kernels = null!; // made when the operator opens, from the scalar arguments
    private int _next;

    /// <summary>Creates the operator.</summary>
    /// <param name="input">The subquery on its own grid; owned.</param>
    /// <param name="windows">The windows over the points of the subquery.</param>
    /// <param name="counts">Where the points are counted.</param>
    /// <param name="output">Labels and checks.</param>
    /// <param name="parameters">The scalar arguments; owned.</param>
    /// <param name="makeKernels">Makes the kernels from the values of the scalar arguments.</param>
    /// <param name="cancellation">Ends the evaluation.</param>
    public RangeFunctionOverSubquery(SeriesOperator input, in RangeGrid windows, QuerySampleCounts counts,
        RangeOutput output, IReadOnlyList<ScalarOperator> parameters,
        Func<double[][], RangeKernels<TKernel>> makeKernels, CancellationToken cancellation)
        : base(windows.Grid)
    {
        _input = input;
        _windows = windows;
        _counts = counts;
        _output = output;
        _parameters = parameters;
        _makeKernels = makeKernels;
        _cancellation = cancellation;
        _inputRow = new SeriesRow(input.Grid.Count);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OutputSeries> Open()
    {
        _output.Evaluate(_parameters);
        _kernels = _makeKernels(_output.Parameters);
        return _output.Describe(_input.Open());
    }

    /// <inheritdoc/>
    public override bool TryNext(SeriesRow row)
    {
        if (!_input.TryNext(_inputRow)) return false;
        row.Clear();
        var counts = _inputRow.HasHistograms ? EvaluateMixed(row) : EvaluateFloats(row);
        _output.Check(counts);
        _counts.Add(counts.Total, 0);
        _output.Inspect(_next++, row);
        return true;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _input.Dispose();
        foreach (var parameter in _parameters) parameter.Dispose();
        base.Dispose();
    }

    private RangeCounts EvaluateMixed(SeriesRow row)
    {
        var samples = _kernels.Samples;
        samples.Load(_inputRow, _input.Grid);
        if (_counts.AreKept) _counts.AtWindows(_windows, samples.TimestampsMs, samples, areRead: false);
        return _kernels.Mixed.Evaluate(_windows, samples, row, _cancellation);
    }

    private RangeCounts EvaluateFloats(SeriesRow row)
    {
        var count = Compact();
        if (_counts.AreKept) _counts.AtWindows(_windows, _timestampsMs.AsSpan(0, count), null, areRead: false);
        return _windows.Evaluate(
            ref _kernels.Floats, _timestampsMs.AsSpan(0, count), _values.AsSpan(0, count), row, _cancellation);
    }

    private int Compact()
    {
        var present = _inputRow.CountPresent();
        if (_values.Length < present)
        {
            _timestampsMs = new long[present];
            _values = new double[present];
        }

        var values = _inputRow.Values;
        var count = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if ((i & 0xFFFF) == 0xFFFF) _cancellation.ThrowIfCancellationRequested();
            if (!_inputRow.Has(i) || StaleMarker.Is(values[i])) continue;
            _timestampsMs[count] = _input.Grid.TimeMs(i);
            _values[count++] = values[i];
        }

        return count;
    }
}
