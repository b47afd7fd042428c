// Hot path: reads and evaluates per series.
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>A range function over a range selector: each series is decoded once for all steps.</summary>
internal sealed class RangeFunctionScan<TKernel> : SeriesScan
    where TKernel : struct, IRangeKernel
{
    private readonly RangeGrid _windows;
    private readonly HistogramStatistics? _statistics;
    private readonly RangeOutput _output;
    private readonly IReadOnlyList<ScalarOperator> _parameters;
    private readonly Func<double[][], RangeKernels<TKernel>> _makeKernels;

    /// <summary>Creates the operator.</summary>
    /// <param name="context">The query.</param>
    /// <param name="grid">The steps.</param>
    /// <param name="selection">What to select.</param>
    /// <param name="output">Labels and checks.</param>
    /// <param name="parameters">The scalar arguments; owned.</param>
    /// <param name="makeKernels">Makes the kernels, once per thread, from the values of the scalar arguments.</param>
    public RangeFunctionScan(QueryContext context, StepGrid grid, in Selection selection, RangeOutput output,
        IReadOnlyList<ScalarOperator> parameters, Func<double[][], RangeKernels<TKernel>> makeKernels)
        : base(context, grid, selection.Selector, selection.Hints, selection.Counts)
    {
        _windows = selection.WindowsOver(grid, context.LookbackMs);
        _statistics = selection.StatisticsOver(_windows);
        _output = output;
        _parameters = parameters;
        _makeKernels = makeKernels;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<OutputSeries> Open()
    {
        _output.Evaluate(_parameters);
        return _output.Describe(base.Open());
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        foreach (var parameter in _parameters) parameter.Dispose();
    }

    /// <inheritdoc/>
    protected override void Inspect(int index, SeriesRow row) => _output.Inspect(index, row);

    /// <inheritdoc/>
    protected override void Fill(SeriesSet set, in SeriesEntry entry, ScanBuffer buffer, SeriesRow row)
    {
        if (buffer.KernelState is not RangeKernels<TKernel> kernels)
        {
            kernels = _makeKernels(_output.Parameters);
            buffer.KernelState = kernels;
        }

        var columns = buffer.Read(set, entry, _windows.MinTimeMs, _windows.MaxTimeMs);
        RangeCounts counts;
        long read;
        if (columns.Histograms.IsEmpty && (columns.StartTimestampsMs.IsEmpty || !_output.UsesStartTimestamps))
        {
            buffer.WithoutMarkers(columns, out var timestampsMs, out var values);
            counts = _windows.Evaluate(ref kernels.Floats, timestampsMs, values, row, Context.CancellationToken);
            read = Counts.AreByStep ? Counts.AtWindows(_windows, timestampsMs, null, areRead: true) : counts.Read;
        }
        else
        {
            _statistics?.Reduce(columns);
            kernels.Samples.Load(columns);
            counts = kernels.Mixed.Evaluate(_windows, kernels.Samples, row, Context.CancellationToken);
            read = Counts.AreByStep
                ? Counts.AtWindows(_windows, kernels.Samples.TimestampsMs, kernels.Samples, areRead: true)
                : counts.Read;
        }

        _output.Check(counts);
        buffer.Count(counts.Total, read);
    }
}
