using System.Diagnostics;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>One query from its syntax tree to its result, on the thread it is called on.</summary>
internal sealed class Query
{
    private readonly QueryContext _context;
    private readonly Expression _expression;
    private readonly QueryConstants _constants;
    private readonly IQuerySource _source;
    private readonly TimeProvider _clock;
    private readonly Planner _planner;
    private readonly QuerySampleCounts _counts;
    private readonly StepGrid _grid;
    private TimeSpan _preparation, _evaluation, _sorting;

    /// <summary>Creates the query.</summary>
    /// <param name="context">What its operators share.</param>
    /// <param name="expression">What to evaluate.</param>
    /// <param name="constants">When; a step of 0 is an instant query.</param>
    /// <param name="source">The storage.</param>
    /// <param name="clock">For the statistics.</param>
    public Query(QueryContext context, Expression expression, QueryConstants constants, IQuerySource source,
        TimeProvider clock)
    {
        _context = context;
        _expression = expression.WithoutParentheses();
        _constants = constants;
        _source = source;
        _clock = clock;
        _planner = new Planner(context, constants);
        _grid = new StepGrid(constants.StartMs, constants.EndMs, constants.StepMs == 0 ? 1 : constants.StepMs);
        _counts = new QuerySampleCounts(_grid, WithSteps);
    }

    private bool WithSteps => _context.Features.StepStatistics && _context.Use.WithSteps;

    private bool IsInstant => _constants.StepMs == 0;

    /// <summary>Plans and evaluates.</summary>
    /// <param name="started">When the query came in, a timestamp of the clock.</param>
    /// <param name="queued">How long it waited.</param>
    /// <exception cref="QueryException">The evaluation failed.</exception>
    public QueryResult Run(long started, TimeSpan queued)
    {
        var value = Evaluate();
        // Whoever ended it is told so, even if it was done by then.
        _context.CancellationToken.ThrowIfCancellationRequested();
        _context.Use.Memory.KeepOnly(_context.Node.HeldBytes + ResultCollector.LabelBytesOf(value));
        var statistics = new QueryStatistics(queued, _preparation, _evaluation, _sorting,
            _clock.GetElapsedTime(started), _counts.Total, _counts.Read, _context.Use.PeakSamples)
        {
            ByStep = WithSteps ? StepStatistics.Of(_grid, _counts) : null,
        };
        return new QueryResult(value, _context.Annotations.Warnings, _context.Annotations.Infos, statistics)
        {
            Explanation = _context.Node.Measure is { } measure ? Explain(measure, value) : null,
        };
    }

    private bool IsPlannedOnly => _context.Use.Explain == ExplainMode.Plan;

    private PlanExplanation Explain(NodeMeasure root, QueryValue value)
    {
        root.Steps = _grid.Count;
        root.ElapsedTicks = (long)((_evaluation + _sorting).TotalSeconds * Stopwatch.Frequency);
        (root.Series, root.Points) = value switch
        {
            VectorResult vector => (vector.Count, vector.Count),
            MatrixResult matrix => (matrix.Series.Count,
                matrix.Series.Sum(static s => (long)s.Values.Length + s.Histograms.Length)),
            _ => (1, 1),
        };
        return new PlanExplainer(_context).Explain();
    }

    private NoResult PlanOnly()
    {
        using var querier = OpenQuerier();
        PlanEstimates.CountSeries(_context.Node, querier, _context.CancellationToken);
        return new NoResult(_expression.Type);
    }

    private QueryValue Evaluate()
    {
        var scope = new PlanScope(_grid, _counts, _constants.StepMs);
        switch (_expression)
        {
            case StringLiteral text:
                return new StringResult(_constants.StartMs, text.Utf8Value);
            case MatrixSelector matrix:
                var selection = _planner.PlanMatrix(matrix, scope);
                return IsPlannedOnly ? PlanOnly() : EvaluateMatrix(selection);
            case SubqueryExpression subquery:
                using (var rows = AtEnd(_planner.PlanSubquery(subquery, scope, isBelowFunction: false, out _)))
                    return IsPlannedOnly ? PlanOnly() : EvaluateRows(rows);
        }

        if (_expression.Type == ValueType.Scalar)
        {
            using var scalar = _planner.PlanScalar(_expression, scope);
            return IsPlannedOnly ? PlanOnly() : EvaluateScalar(scalar);
        }

        using var root = AtEnd(_planner.PlanSeries(_expression, scope));
        if (IsPlannedOnly) return PlanOnly();
        return IsInstant ? EvaluateVector(root) : EvaluateRows(root);
    }

    private SeriesOperator AtEnd(SeriesOperator root) => _context.Features.DelayedNameRemoval
        ? SameLabelsMerge.AfterRelabeling(_context, new DelayedNameRemoval(root))
        : root;

    private QueryValue EvaluateScalar(ScalarOperator scalar)
    {
        using var querier = OpenQuerier();
        var started = _clock.GetTimestamp();
        var row = new SeriesRow(scalar.Grid.Count);
        scalar.Evaluate(row.Values);
        row.FillPresence();
        _evaluation = _clock.GetElapsedTime(started);
        if (IsInstant) return new ScalarResult(_constants.StartMs, row.Values[0]);
        var collector = new ResultCollector(_context);
        collector.AddRow(default, row, scalar.Grid);
        return collector.ToMatrix();
    }

    private VectorResult EvaluateVector(SeriesOperator root)
    {
        using var querier = OpenQuerier();
        try
        {
            var started = _clock.GetTimestamp();
            var vector = new ResultCollector(_context).CollectVector(root);
            _evaluation = _clock.GetElapsedTime(started);
            return vector;
        }
        finally
        {
            // Before the querier goes: helping threads may still be reading.
            root.Dispose();
        }
    }

    private MatrixResult EvaluateRows(SeriesOperator root)
    {
        using var querier = OpenQuerier();
        try
        {
            var started = _clock.GetTimestamp();
            var collector = new ResultCollector(_context);
            collector.CollectRows(root);
            _evaluation = _clock.GetElapsedTime(started);
            return Sort(collector);
        }
        finally
        {
            root.Dispose();
        }
    }

    // A range selector that is the whole query: the samples as they are.
    private MatrixResult EvaluateMatrix(in Selection selection)
    {
        using var querier = OpenQuerier();
        var started = _clock.GetTimestamp();
        var watch = new ReadWatch(_context.CancellationToken, _context.HoldBytes);
        _context.Node.Watch = watch;
        using var set = querier.Select(selection.Hints with { Watch = watch }, selection.Selector.Matchers);
        if (_context.Node.Measure is { } measure) measure.EstimatedSeries = set.CountEstimate;
        var windows = selection.WindowsOver(_grid, _context.LookbackMs);
        var endMs = selection.Times.At(_constants.StartMs);
        var collector = new ResultCollector(_context);
        var buffer = new ScanBuffer { Cancellation = _context.CancellationToken };
        var samples = new MixedSamples();
        var batch = new SeriesEntry[256];
        for (int count; (count = set.ReadNext(batch)) > 0;)
        {
            foreach (var entry in batch.AsSpan(0, count))
            {
                _context.CheckEnded();
                var columns = buffer.Read(set, entry, windows.MinTimeMs, windows.MaxTimeMs);
                if (!columns.Histograms.IsEmpty)
                {
                    samples.Load(columns);
                    collector.AddSamples(entry.Labels, samples, _counts, selection.Selector);
                    continue;
                }

                buffer.WithoutMarkers(columns, out var times, out var values);
                if (times.IsEmpty) continue;
                var points = windows.BeforeMs == 0
                    ? (TimestampsMs: times.ToArray(), Values: values.ToArray())
                    : Interpolation.Extend(
                        times, values, endMs - windows.RangeMs, endMs, selection.Selector.IsSmoothed);
                if (points.Values.Length == 0) continue;
                _context.HoldSamples(points.Values.Length);
                _context.HoldBytes(points.Values.Length * 16L + 160);
                _counts.Add(points.Values.Length, points.Values.Length);
                collector.AddFloats(entry.Labels, points.TimestampsMs, points.Values);
            }
        }

        buffer.FlushTo(_counts, _context.Node);
        _evaluation = _clock.GetElapsedTime(started);
        return Sort(collector);
    }

    private MatrixResult Sort(ResultCollector collector)
    {
        var started = _clock.GetTimestamp();
        var matrix = collector.ToMatrix();
        _sorting = _clock.GetElapsedTime(started);
        return matrix;
    }

    private IQuerier OpenQuerier()
    {
        var started = _clock.GetTimestamp();
        var readsNothing = _planner.MaxTimeMs == long.MinValue;
        _context.Use.Counts = _counts;
        _context.Querier = readsNothing
            ? _source.OpenQuerier(0, 0)
            : _source.OpenQuerier(_planner.MinTimeMs, _planner.MaxTimeMs);
        _preparation = _clock.GetElapsedTime(started);
        return _context.Querier;
    }
}
