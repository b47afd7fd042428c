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
        "rate" => Rate<RateShape>(rangeMs),
        "increase" => Rate<IncreaseShape>(rangeMs),
        "delta" => Rate<DeltaShape>(rangeMs),
        "irate" => LastTwo<RateShape>(),
        "idelta" => LastTwo<DeltaShape>(),
        "resets" => Steps<Resets>(),
        "changes" => Steps<Changes>(),
        "deriv" => FloatsOnly<DerivKernel>(static _ => default),
        "predict_linear" => FloatsOnly(static p => new PredictLinearKernel(p[0])),
        "quantile_over_time" => FloatsOnly(static p => new QuantileOverTimeKernel(p[0])),
        "mad_over_time" => FloatsOnly(static _ => new MadOverTimeKernel()),
        "max_over_time" => FloatsOnly(static _ => new ExtremumKernel<Largest>()),
        "min_over_time" => FloatsOnly(static _ => new ExtremumKernel<Smallest>()),
        "ts_of_max_over_time" => FloatsOnly(static _ => new ExtremumKernel<TimeOfLargest>()),
        "ts_of_min_over_time" => FloatsOnly(static _ => new ExtremumKernel<TimeOfSmallest>()),
        "double_exponential_smoothing" => new Of<SmoothingKernel>(
            static p => new SmoothingKernel(p[0], p[1]),
            static p => new FloatsOnlyKernel<SmoothingKernel>(new SmoothingKernel(p[0], p[1]), checksEmpty: true)),
        _ => FindStateless(name),
    };

    /// <summary>Finds the function of a call over an <c>anchored</c> or <c>smoothed</c> selector.</summary>
    /// <param name="name">The function's name.</param>
    /// <param name="rangeMs">The length of the range.</param>
    /// <param name="smoothed">Smoothed, not anchored.</param>
    /// <exception cref="QueryException">The function does not go with the modifier.</exception>
    public static RangeFunction FindExtended(string name, long rangeMs, bool smoothed) => name switch
    {
        "rate" => ExtendedRate<RateShape>(rangeMs, smoothed),
        "increase" => ExtendedRate<IncreaseShape>(rangeMs, smoothed),
        "delta" => ExtendedRate<DeltaShape>(rangeMs, smoothed),
        "changes" when !smoothed => AnchoredSteps<Changes>(),
        "resets" when !smoothed => AnchoredSteps<Resets>(),
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
        "sum_over_time" => Stateless<SumOverTime>(static () => new HistogramSumKernel()),
        "avg_over_time" => Stateless<AvgOverTime>(static () => new HistogramMeanKernel()),
        "first_over_time" => Stateless<FirstOverTime>(static () => new EndSampleKernel(isLast: false)),
        "last_over_time" => Stateless<LastOverTime>(static () => new EndSampleKernel(isLast: true)),
        "count_over_time" => AllSamples<CountOverTime>(),
        "present_over_time" or "absent_over_time" => AllSamples<PresentOverTime>(),
        "ts_of_first_over_time" => AllSamples<TsOfFirstOverTime>(),
        "ts_of_last_over_time" => AllSamples<TsOfLastOverTime>(),
        "stddev_over_time" => FloatsOnly<WindowKernel<StdDevOverTime>>(static _ => default),
        "stdvar_over_time" => FloatsOnly<WindowKernel<StdVarOverTime>>(static _ => default),
        _ => null,
    };

    private static Of<RateKernel<TShape>> Rate<TShape>(long rangeMs)
        where TShape : struct, IRateShape =>
        new(_ => new RateKernel<TShape>(rangeMs), _ => new MixedRateKernel<TShape>(rangeMs));

    private static Of<ExtendedRateKernel<TShape>> ExtendedRate<TShape>(long rangeMs, bool smoothed)
        where TShape : struct, IRateShape =>
        new(
            _ => new ExtendedRateKernel<TShape>(rangeMs, smoothed),
            _ => new MixedExtendedRateKernel<TShape>(rangeMs, smoothed));

    private static Of<LastTwoKernel<TShape>> LastTwo<TShape>()
        where TShape : struct, IRateShape => new(static _ => default, static _ => new MixedLastTwoKernel<TShape>());

    private static Of<StepChangesKernel<TChange>> Steps<TChange>()
        where TChange : struct, IStepChange =>
        new(static _ => new StepChangesKernel<TChange>(), static _ => new MixedChangesKernel<TChange>(false));

    private static Of<AnchoredChangesKernel<TChange>> AnchoredSteps<TChange>()
        where TChange : struct, IStepChange =>
        new(static _ => new AnchoredChangesKernel<TChange>(), static _ => new MixedChangesKernel<TChange>(true));

    private static Of<TKernel> FloatsOnly<TKernel>(Func<double[][], TKernel> makeKernel)
        where TKernel : struct, IRangeKernel => new(makeKernel, p => new FloatsOnlyKernel<TKernel>(makeKernel(p)));

    private static Of<WindowKernel<TFunction>> AllSamples<TFunction>()
        where TFunction : struct, IWindowFunction =>
        Stateless<TFunction>(static () => new AllSamplesKernel<TFunction>());

    private static Of<WindowKernel<TFunction>> Stateless<TFunction>(Func<MixedRangeKernel> makeMixed)
        where TFunction : struct, IWindowFunction => new(static _ => default, _ => makeMixed());

    private sealed class Of<TKernel>(
        Func<double[][], TKernel> makeKernel, Func<double[][], MixedRangeKernel> makeMixed) : RangeFunction
        where TKernel : struct, IRangeKernel
    {
        public override SeriesOperator OverSelector(QueryContext context, StepGrid grid, in Selection selection,
            RangeOutput output, IReadOnlyList<ScalarOperator> parameters) =>
            new RangeFunctionScan<TKernel>(context, grid, selection, output, parameters, MakeKernels);

        public override SeriesOperator OverSubquery(QueryContext context, SeriesOperator input, in RangeGrid windows,
            QuerySampleCounts counts, RangeOutput output, IReadOnlyList<ScalarOperator> parameters) =>
            new RangeFunctionOverSubquery<TKernel>(
                input, windows, counts, output, parameters, MakeKernels, context.CancellationToken);

        private RangeKernels<TKernel> MakeKernels(double[][] parameters) =>
            new(makeKernel(parameters), () => makeMixed(parameters));
    }
}
