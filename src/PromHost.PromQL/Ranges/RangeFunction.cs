namespace PromHost.PromQL;

/// <summary>A range function, able to make its operators.</summary>
internal abstract class RangeFunction
{
    /// <summary>Finds the function of a call.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="rangeMs">The length of the range.</param>
    /// <returns>Null when the name is not that of a range function.</returns>
    public static RangeFunction? Find(string name, long rangeMs) => name switch
    {
        "rate" => new Of<RateKernel<RateShape>>(_ => new RateKernel<RateShape>(rangeMs)),
        "increase" => new Of<RateKernel<IncreaseShape>>(_ => new RateKernel<IncreaseShape>(rangeMs)),
        "delta" => new Of<RateKernel<DeltaShape>>(_ => new RateKernel<DeltaShape>(rangeMs)),
        "irate" => new Of<LastTwoKernel<RateShape>>(static _ => default),
        "idelta" => new Of<LastTwoKernel<DeltaShape>>(static _ => default),
        "deriv" => new Of<DerivKernel>(static _ => default),
        "predict_linear" => new Of<PredictLinearKernel>(static p => new PredictLinearKernel(p[0])),
        "resets" => new Of<StepChangesKernel<Resets>>(static _ => new StepChangesKernel<Resets>()),
        "changes" => new Of<StepChangesKernel<Changes>>(static _ => new StepChangesKernel<Changes>()),
        "quantile_over_time" => new Of<QuantileOverTimeKernel>(static p => new QuantileOverTimeKernel(p[0])),
        "mad_over_time" => new Of<MadOverTimeKernel>(static _ => new MadOverTimeKernel()),
        "max_over_time" => new Of<ExtremumKernel<Largest>>(static _ => new ExtremumKernel<Largest>()),
        "min_over_time" => new Of<ExtremumKernel<Smallest>>(static _ => new ExtremumKernel<Smallest>()),
        "ts_of_max_over_time" => new Of<ExtremumKernel<TimeOfLargest>>(
            static _ => new ExtremumKernel<TimeOfLargest>()),
        "ts_of_min_over_time" => new Of<ExtremumKernel<TimeOfSmallest>>(
            static _ => new ExtremumKernel<TimeOfSmallest>()),
        "double_exponential_smoothing" => new Of<SmoothingKernel>(static p => new SmoothingKernel(p[0], p[1])),
        _ => FindStateless(name),
    };

    /// <summary>Finds the function of a call over an <c>anchored</c> or <c>smoothed</c> selector.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="rangeMs">The length of the range.</param>
    /// <param name="smoothed">Smoothed, not anchored.</param>
    /// <exception cref="QueryException">The function does not go with the modifier.</exception>
    public static RangeFunction FindExtended(string name, long rangeMs, bool smoothed) => name switch
    {
        "rate" => new Of<ExtendedRateKernel<RateShape>>(_ => new ExtendedRateKernel<RateShape>(rangeMs, smoothed)),
        "increase" => new Of<ExtendedRateKernel<IncreaseShape>>(
            _ => new ExtendedRateKernel<IncreaseShape>(rangeMs, smoothed)),
        "delta" => new Of<ExtendedRateKernel<DeltaShape>>(_ => new ExtendedRateKernel<DeltaShape>(rangeMs, smoothed)),
        "changes" when !smoothed => new Of<AnchoredChangesKernel<Changes>>(
            static _ => new AnchoredChangesKernel<Changes>()),
        "resets" when !smoothed => new Of<AnchoredChangesKernel<Resets>>(
            static _ => new AnchoredChangesKernel<Resets>()),
        _ => throw new QueryException(QueryErrorKind.Execution, smoothed
            ? $"smoothed modifier can only be used with: delta, increase, rate - not with {name}"
            : $"anchored modifier can only be used with: changes, delta, increase, rate, resets - not with {name}"),
    };

    /// <summary>Makes the operator over a range selector.</summary>
    /// <param name="context">The query.</param>
    /// <param name="grid">The steps.</param>
    /// <param name="selection">What to select.</param>
    /// <param name="output">Labels and checks.</param>
    /// <param name="parameters">The scalar arguments; owned by the operator.</param>
    public abstract SeriesOperator OverSelector(QueryContext context, StepGrid grid, in Selection selection,
        RangeOutput output, IReadOnlyList<ScalarOperator> parameters);

    /// <summary>Makes the operator over a subquery.</summary>
    /// <param name="context">The query.</param>
    /// <param name="input">The subquery on its own grid; owned by the operator.</param>
    /// <param name="windows">The windows over the points of the subquery.</param>
    /// <param name="counts">Where the points are counted.</param>
    /// <param name="output">Labels and checks.</param>
    /// <param name="parameters">The scalar arguments; owned by the operator.</param>
    public abstract SeriesOperator OverSubquery(QueryContext context, SeriesOperator input, in RangeGrid windows,
        QuerySampleCounts counts, RangeOutput output, IReadOnlyList<ScalarOperator> parameters);

    private static RangeFunction? FindStateless(string name) => name switch
    {
        "sum_over_time" => Stateless<SumOverTime>(),
        "avg_over_time" => Stateless<AvgOverTime>(),
        "count_over_time" => Stateless<CountOverTime>(),
        "present_over_time" or "absent_over_time" => Stateless<PresentOverTime>(),
        "first_over_time" => Stateless<FirstOverTime>(),
        "last_over_time" => Stateless<LastOverTime>(),
        "stddev_over_time" => Stateless<StdDevOverTime>(),
        "stdvar_over_time" => Stateless<StdVarOverTime>(),
        "ts_of_first_over_time" => Stateless<TsOfFirstOverTime>(),
        "ts_of_last_over_time" => Stateless<TsOfLastOverTime>(),
        _ => null,
    };

    private static Of<WindowKernel<TFunction>> Stateless<TFunction>()
        where TFunction : struct, IWindowFunction => new(static _ => default);

    private sealed class Of<TKernel>(Func<double[][], TKernel> makeKernel) : RangeFunction
        where TKernel : struct, IRangeKernel
    {
        public override SeriesOperator OverSelector(QueryContext context, StepGrid grid, in Selection selection,
            RangeOutput output, IReadOnlyList<ScalarOperator> parameters) =>
            new RangeFunctionScan<TKernel>(context, grid, selection, output, parameters, makeKernel);

        public override SeriesOperator OverSubquery(QueryContext context, SeriesOperator input, in RangeGrid windows,
            QuerySampleCounts counts, RangeOutput output, IReadOnlyList<ScalarOperator> parameters) =>
            new RangeFunctionOverSubquery<TKernel>(
                input, windows, counts, output, parameters, makeKernel, context.CancellationToken);
    }
}
