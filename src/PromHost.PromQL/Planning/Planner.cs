using PromHost.Model;
using PromHost.Storage;

namespace PromHost.PromQL;

/// <summary>
/// Turns a syntax tree into operators: resolves durations, offsets, <c>@</c> and subqueries into grids and times, and
/// lets parts that are the same at every step be evaluated once.
/// </summary>
/// <remarks>Planning reads nothing from the storage; the operators do when they open.</remarks>
internal sealed class Planner
{
    private readonly QueryConstants _constants;
    private readonly StepInvariance _invariance = new();
    private readonly DurationEvaluation _durations;
    private QueryContext _context; // as seen from the expression that is being planned

    /// <summary>Creates the planner of one query.</summary>
    public Planner(QueryContext context, QueryConstants constants)
    {
        _context = context;
        _constants = constants;
        _durations = new DurationEvaluation(constants);
    }

    /// <summary>The first timestamp that the query may read.</summary>
    public long MinTimeMs { get; private set; } = long.MaxValue;

    /// <summary>The last timestamp that the query may read.</summary>
    public long MaxTimeMs { get; private set; } = long.MinValue;

    /// <summary>Plans an expression whose value is a vector.</summary>
    public SeriesOperator PlanSeries(Expression expression, PlanScope scope)
    {
        if (scope.Grid.Count > 1 && _invariance.Of(expression).IsWorthIt)
            return new RepeatedSeries(scope.Grid, PlanSeriesOnce(expression, scope));
        return PlanSeriesHere(expression, scope);
    }

    /// <summary>Plans an expression whose value is a scalar.</summary>
    public ScalarOperator PlanScalar(Expression expression, PlanScope scope)
    {
        if (scope.Grid.Count > 1 && _invariance.Of(expression).IsWorthIt)
        {
            var once = PlanScalarHere(expression, scope.Once());
            NoteOnce();
            return new RepeatedScalar(scope.Grid, once);
        }

        return PlanScalarHere(expression, scope);
    }

    /// <summary>Plans a range selector that is the whole query.</summary>
    /// <param name="matrix">The selector.</param>
    /// <param name="scope">An instant.</param>
    public Selection PlanMatrix(MatrixSelector matrix, PlanScope scope) =>
        Select(matrix.Selector, RangeOf(matrix), scope);

    /// <summary>Plans the inside of a subquery on a grid of its own.</summary>
    /// <param name="subquery">The subquery.</param>
    /// <param name="scope">Where the subquery stands.</param>
    /// <param name="isBelowFunction">Is there a function around it, which counts its points?</param>
    /// <param name="windows">The windows over its points.</param>
    public SeriesOperator PlanSubquery(
        SubqueryExpression subquery, PlanScope scope, bool isBelowFunction, out RangeGrid windows)
    {
        var rangeMs = _durations.Length(subquery.RangeMs, subquery.RangeExpression);
        var stepMs = _durations.Length(subquery.StepMs, subquery.StepExpression);
        if (stepMs == 0) stepMs = (long)_context.Limits.DefaultSubqueryStep.TotalMilliseconds;
        var offsetMs = _durations.Offset(subquery.OffsetMs, subquery.OffsetExpression);
        var times = TimesOf(offsetMs, subquery.AtMs, subquery.At);
        windows = new RangeGrid(scope.Grid, times, rangeMs);
        var beforeMs = windows.MinTimeMs - 1;
        // Steps of a subquery are multiples of its step, wherever the query begins.
        var startMs = stepMs * (beforeMs / stepMs);
        if (startMs <= beforeMs) startMs += stepMs;
        if (windows.MaxTimeMs < startMs) return new NoSeries(StepGrid.Instant(startMs));
        var grid = new StepGrid(startMs, windows.MaxTimeMs, stepMs);
        // Only points are samples, but a row has a place for each step: an array holds no more.
        if ((windows.MaxTimeMs - startMs) / stepMs >= Array.MaxLength)
            throw new QueryException(QueryErrorKind.Execution, QueryContext.TooManySamplesText);
        var inner = scope with
        {
            Grid = grid,
            Counts = isBelowFunction
                ? scope.Counts.AddSubquery(grid, offsetMs, rangeMs)
                : scope.Counts.AddRange(grid),
            HintStepMs = stepMs,
            // Resets between points are looked for in the buckets.
            IsBelowBuckets = true,
        };
        return grid.Count > 1 && _invariance.Of(subquery.Operand).IsInvariant
            ? new RepeatedSeries(grid, PlanSeriesOnce(subquery.Operand, inner))
            : PlanSeriesHere(subquery.Operand, inner);
    }

    private SeriesOperator PlanSeriesOnce(Expression expression, PlanScope scope)
    {
        var once = PlanSeriesHere(expression, scope.Once());
        NoteOnce();
        return once;
    }

    private void NoteOnce()
    {
        if (_context.Node.Children[^1].Measure is { } measure) measure.IsOnce = true;
    }

    private SeriesOperator PlanSeriesHere(Expression expression, PlanScope scope)
    {
        if (expression is ParenthesizedExpression parenthesized) return PlanSeries(parenthesized.Inner, scope);
        var outer = _context;
        _context = Enter(expression, scope.Grid);
        var result = PlanVector(expression, scope);
        var measure = Note(result, scope.Grid);
        _context = outer;
        return measure is not null && outer.Use.Explain == ExplainMode.Analyze
            ? new MeasuredSeries(result, measure)
            : result;
    }

    private ScalarOperator PlanScalarHere(Expression expression, PlanScope scope)
    {
        if (expression is ParenthesizedExpression parenthesized) return PlanScalar(parenthesized.Inner, scope);
        var outer = _context;
        _context = Enter(expression, scope.Grid);
        var result = PlanNumber(expression, scope);
        var measure = Note(result, scope.Grid);
        _context = outer;
        return measure is not null && outer.Use.Explain == ExplainMode.Analyze
            ? new MeasuredScalar(result, measure)
            : result;
    }

    private NodeMeasure? Note(object result, StepGrid grid)
    {
        if (_context.Node.Measure is not { } measure) return null;
        measure.Operator = PlanExplainer.NameOf(result);
        measure.Steps = grid.Count;
        return measure;
    }

    // Each operator has a row of its own to read into.
    private QueryContext Enter(Expression expression, StepGrid grid)
    {
        var inner = _context.At(_context.Node.Add(expression));
        inner.HoldBytes(SeriesRow.BytesOf(grid.Count));
        return inner;
    }

    private SeriesOperator PlanVector(Expression expression, PlanScope scope) => expression switch
    {
        VectorSelector selector => PlanInstantSelector(selector, scope, SelectedField.Value),
        UnaryExpression unary => UnaryOperators.Create(_context, unary, PlanSeries(unary.Operand, scope)),
        AggregateExpression aggregate => PlanAggregate(aggregate, scope),
        BinaryExpression binary => PlanBinary(binary, scope.Under(null)),
        Call call => PlanCall(call, scope),
        _ => throw Unexpected(expression),
    };

    private ScalarOperator PlanNumber(Expression expression, PlanScope scope)
    {
        switch (expression)
        {
            case NumberLiteral number:
                return new ConstantScalar(scope.Grid, number.Value);
            case UnaryExpression unary:
                return UnaryOperators.Create(_context, unary, PlanScalar(unary.Operand, scope));
            case BinaryExpression binary:
                var inner = scope.Under(null);
                return BinaryOperators.Create(
                    _context, binary, PlanScalar(binary.Left, inner), PlanScalar(binary.Right, inner));
            case Call call when QueryConstants.IsOne(call):
                return new ConstantScalar(scope.Grid, _constants.ValueOf(call));
            case Call call:
                return InstantFunctions.TryCreateScalar(_context, scope.Grid, call, PlanArguments(call, scope)) ??
                    throw Unexpected(expression);
            default:
                throw Unexpected(expression);
        }
    }

    private SeriesOperator PlanAggregate(AggregateExpression aggregate, PlanScope scope)
    {
        var inner = scope.Under(aggregate.Aggregation.ToText(), aggregate);
        var parameter = aggregate.Parameter?.WithoutParentheses();
        var operand = aggregate.Operand.WithoutParentheses();
        // Its labels are of no use: those of a large head are much memory. But warnings of sums and averages tell the
        // metric's name.
        var isOneGroup = operand is VectorSelector selector && AggregationOperators.Folds(aggregate.Aggregation) &&
            aggregate is { IsWithout: false, Grouping.Count: 0 } &&
            (selector.Name.Length > 0 || aggregate.Aggregation is not (Aggregation.Sum or Aggregation.Avg));
        return AggregationOperators.Create(
            _context,
            aggregate,
            PlanSeries(operand, inner with { IsOneGroup = isOneGroup }),
            parameter is null or StringLiteral ? null : PlanScalar(parameter, inner),
            (parameter as StringLiteral)?.Value);
    }

    private SeriesOperator PlanBinary(BinaryExpression binary, PlanScope scope)
    {
        if (binary.Operator is BinaryOperator.TrimUpper or BinaryOperator.TrimLower)
            scope = scope with { IsBelowBuckets = true };
        if (binary.Left.Type == ValueType.Scalar)
        {
            return BinaryOperators.Create(
                _context, binary, PlanScalar(binary.Left, scope), PlanSeries(binary.Right, scope));
        }

        var left = PlanSeries(binary.Left, scope);
        return binary.Right.Type == ValueType.Scalar
            ? BinaryOperators.Create(_context, binary, left, PlanScalar(binary.Right, scope))
            : BinaryOperators.Create(_context, binary, left, PlanSeries(binary.Right, scope));
    }

    private SeriesOperator PlanCall(Call call, PlanScope scope)
    {
        if (TimeOfSelector(call) is { } field)
        {
            var selector = (VectorSelector)call.Arguments[0].WithoutParentheses();
            return SameLabelsMerge.AfterFunction(
                _context, PlanInstantSelector(selector, scope.Under(call.Function.Name), field));
        }

        if (call.Function.Name is "info") return PlanInfo(call, scope);
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            if (call.Arguments[i].Type == ValueType.Matrix) return PlanRangeFunction(call, i, scope);
        }

        return InstantFunctions.TryCreate(_context, scope.Grid, call, PlanArguments(call, scope)) ??
            throw new QueryException(QueryErrorKind.Execution, $"function {call.Function.Name} is not supported yet");
    }

    // What a function asks of the samples of a selector other than their values; null for all other calls.
    private SelectedField? TimeOfSelector(Call call)
    {
        SelectedField? field = call.Function.Name switch
        {
            "timestamp" => SelectedField.Time,
            "start_timestamp" when _context.Features.UseStartTimestamps => SelectedField.Start,
            _ => null,
        };
        return field is not null && call.Arguments[0].WithoutParentheses() is VectorSelector ? field : null;
    }

    // The info series are those of the time at which the first argument looks.
    private SeriesOperator PlanInfo(Call call, PlanScope scope)
    {
        var inner = scope.Under(call.Function.Name);
        var matchers = InfoMatchers.Of(call);
        var argument = call.Arguments[0].WithoutParentheses();
        var (offsetMs, atMs, at) = ReferenceTime(argument) ?? (0, null, AtAnchor.None);
        var selector = new VectorSelector(string.Empty, matchers.All, call.Position)
        {
            OffsetMs = offsetMs,
            AtMs = atMs,
            At = at,
        };
        var info = new InstantSelector(
            _context, scope.Grid, Select(selector, 0, inner), SelectedField.InfoTime);
        return SameLabelsMerge.AfterRelabeling(
            _context, new InfoOperator(_context, PlanSeries(argument, inner), info, matchers, scope.Counts));
    }

    // Where the first selector of an expression looks: its offset and "@", and those of the subqueries around it up to
    // the first that has an "@".
    private (long OffsetMs, long? AtMs, AtAnchor At)? ReferenceTime(Expression expression)
    {
        if (expression is MatrixSelector matrix) expression = matrix.Selector;
        if (expression is VectorSelector selector)
        {
            return (_durations.Offset(selector.OffsetMs, selector.OffsetExpression), selector.AtMs, selector.At);
        }

        foreach (var child in expression.Children)
        {
            if (ReferenceTime(child) is not { } found) continue;
            return expression is SubqueryExpression subquery && found is { AtMs: null, At: AtAnchor.None }
                ? (found.OffsetMs + _durations.Offset(subquery.OffsetMs, subquery.OffsetExpression), subquery.AtMs,
                    subquery.At)
                : found;
        }

        return null;
    }

    private OperatorArgument[] PlanArguments(Call call, PlanScope scope)
    {
        var inner = scope.Under(call.Function.Name);
        var arguments = new OperatorArgument[call.Arguments.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = call.Arguments[i].WithoutParentheses();
            arguments[i] = argument switch
            {
                StringLiteral text => OperatorArgument.Of(text.Value),
                _ when argument.Type == ValueType.Scalar => OperatorArgument.Of(PlanScalar(argument, inner)),
                _ => OperatorArgument.Of(PlanSeries(argument, inner)),
            };
        }

        return arguments;
    }

    private SeriesOperator PlanRangeFunction(Call call, int matrixIndex, PlanScope scope)
    {
        var inner = scope.Under(call.Function.Name);
        var parameters = new List<ScalarOperator>();
        for (var i = 0; i < call.Arguments.Count; i++)
        {
            if (i != matrixIndex) parameters.Add(PlanScalar(call.Arguments[i].WithoutParentheses(), inner));
        }

        var argument = call.Arguments[matrixIndex].WithoutParentheses();
        var result = argument is MatrixSelector matrix
            ? PlanOverSelector(call, matrix, parameters, inner)
            : PlanOverSubquery(call, (SubqueryExpression)argument, parameters, inner);
        return call.Function.Name is "absent_over_time"
            ? new AbsentOverTime(_context, result, AbsentLabels.Of(argument))
            : result;
    }

    private SeriesOperator PlanOverSelector(
        Call call, MatrixSelector matrix, List<ScalarOperator> parameters, PlanScope scope)
    {
        var rangeMs = RangeOf(matrix);
        var output = new RangeOutput(_context, call, matrix.Position);
        var selector = matrix.Selector;
        var function = selector.IsAnchored || selector.IsSmoothed
            ? RangeFunction.FindExtended(call.Function.Name, rangeMs, selector.IsSmoothed)
            : FindRangeFunction(call, rangeMs);
        return function.OverSelector(_context, scope.Grid, Select(selector, rangeMs, scope), output, parameters);
    }

    private SeriesOperator PlanOverSubquery(
        Call call, SubqueryExpression subquery, List<ScalarOperator> parameters, PlanScope scope)
    {
        var input = PlanSubquery(subquery, scope, isBelowFunction: true, out var windows);
        // A row, its points with their times, and what becomes of them.
        _context.HoldBytes(
            (3 * SeriesRow.BytesOf(input.Grid.Count)) + (input.Grid.Count * ScanBuffer.KernelBytesPerSample));
        // Upstream loses the place of a subquery when it takes its points for a range selector.
        var output = new RangeOutput(_context, call, default);
        return FindRangeFunction(call, windows.RangeMs)
            .OverSubquery(_context, input, windows, scope.Counts, output, parameters);
    }

    private static RangeFunction FindRangeFunction(Call call, long rangeMs) =>
        RangeFunction.Find(call.Function.Name, rangeMs) ?? throw Unexpected(call);

    private SeriesScan PlanInstantSelector(VectorSelector selector, PlanScope scope, SelectedField field)
    {
        var selection = Select(selector, 0, scope);
        return selector.IsSmoothed && field == SelectedField.Value
            ? new SmoothedSelector(_context, scope.Grid, selection)
            : new InstantSelector(_context, scope.Grid, selection, field);
    }

    private long RangeOf(MatrixSelector matrix) => _durations.Length(matrix.RangeMs, matrix.RangeExpression);

    private SelectorTimes TimesOf(long offsetMs, long? atMs, AtAnchor anchor)
    {
        var fixedMs = anchor switch
        {
            AtAnchor.Start => _constants.StartMs,
            AtAnchor.End => _constants.EndMs,
            _ => atMs,
        };
        return new SelectorTimes(offsetMs, fixedMs - offsetMs);
    }

    private Selection Select(VectorSelector selector, long rangeMs, PlanScope scope)
    {
        var offsetMs = _durations.Offset(selector.OffsetMs, selector.OffsetExpression);
        var times = TimesOf(offsetMs, selector.AtMs, selector.At);
        // An instant selector looks back; a range selector does so only before its range, and only with a modifier.
        var isExtended = selector.IsAnchored || selector.IsSmoothed;
        var beforeMs = rangeMs + (rangeMs == 0 || isExtended ? _context.LookbackMs : 0);
        var minTimeMs = times.At(scope.Grid.StartMs) - beforeMs + 1;
        var maxTimeMs = times.At(scope.Grid.TimeMs(scope.Grid.Count - 1));
        if (selector.IsSmoothed) maxTimeMs += _context.LookbackMs;
        MinTimeMs = Math.Min(MinTimeMs, minTimeMs);
        MaxTimeMs = Math.Max(MaxTimeMs, maxTimeMs);
        var aggregate = scope.Aggregate;
        var hints = new SelectHints(
            minTimeMs,
            maxTimeMs,
            scope.HintStepMs,
            rangeMs,
            scope.Function,
            aggregate is null ? null : new LabelNameSet(aggregate.Grouping),
            aggregate is { IsWithout: false },
            WithoutLabels: scope.IsOneGroup);
        var selection = new Selection(selector, times, rangeMs, hints, scope.Counts)
        {
            NeedsNoBuckets = scope.NeedsNoBuckets,
        };
        if (_context.Node.Measure is { } measure) measure.Selection = selection;
        return selection;
    }

    private static InvalidOperationException Unexpected(Expression expression) =>
        new($"the planner does not know what to do with {expression.GetType().Name}");
}
