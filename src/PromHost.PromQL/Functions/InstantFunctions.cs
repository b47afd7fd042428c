namespace PromHost.PromQL;

/// <summary>Makes the operators of the functions that look at one instant at a time.</summary>
internal static class InstantFunctions
{
    /// <summary>Makes the operator of a function that gives a vector; null when it is none of these.</summary>
    /// <param name="context">The query's.</param>
    /// <param name="grid">The steps.</param>
    /// <param name="call">The call.</param>
    /// <param name="arguments">Its arguments in order; owned by the result.</param>
    /// <exception cref="QueryException">An argument is wrong.</exception>
    public static SeriesOperator? TryCreate(
        QueryContext context, StepGrid grid, Call call, IReadOnlyList<OperatorArgument> arguments)
    {
        var name = call.Function.Name;
        var map = TryCreateMap(context, name, arguments) ?? TryCreateDate(context, grid, name, arguments);
        var result = map ?? name switch
        {
            "clamp" => new ClampOperator(context, Series(0), Scalar(1), Scalar(2)),
            "clamp_min" => new ClampOperator(context, Series(0), Scalar(1), null),
            "clamp_max" => new ClampOperator(context, Series(0), null, Scalar(1)),
            "round" => new RoundOperator(context, Series(0), arguments.Count > 1 ? Scalar(1) : null),
            "timestamp" => new TimestampOperator(context, Series(0)),
            "histogram_count" or "histogram_sum" or "histogram_avg" or "histogram_stddev" or "histogram_stdvar" =>
                new HistogramFieldOperator(context, name, Series(0)),
            "histogram_quantile" => HistogramMeasureOperator.Quantile(context, call, Series(1), Scalar(0)),
            "histogram_quantiles" => HistogramMeasureOperator.Quantiles(
                context, call, Series(0), [.. arguments.Skip(2).Select(static a => a.Scalar!)]),
            "histogram_fraction" => HistogramMeasureOperator.Fraction(context, call, Series(2), Scalar(0), Scalar(1)),
            _ => null,
        };
        if (result is not null) return SameLabelsMerge.AfterFunction(context, result);
        return name switch
        {
            "absent" => new AbsentOperator(call.Arguments[0], Series(0)),
            "vector" => new VectorOperator(Scalar(0)),
            "sort" => new SortOperator(context, call, Series(0), null, isDescending: false),
            "sort_desc" => new SortOperator(context, call, Series(0), null, isDescending: true),
            "sort_by_label" => new SortOperator(context, call, Series(0), SortLabels(call), isDescending: false),
            "sort_by_label_desc" => new SortOperator(context, call, Series(0), SortLabels(call), isDescending: true),
            "label_replace" => LabelFunctions.Replace(context, call, Series(0)),
            "label_join" => LabelFunctions.Join(context, call, Series(0)),
            "start_timestamp" => new NothingOperator(Series(0)),
            _ => null,
        };

        SeriesOperator Series(int argument) => arguments[argument].Series!;

        ScalarOperator Scalar(int argument) => arguments[argument].Scalar!;
    }

    /// <summary>Makes the operator of a function that gives a scalar; null when it is none of these.</summary>
    /// <param name="context">The query's.</param>
    /// <param name="grid">The steps.</param>
    /// <param name="call">The call.</param>
    /// <param name="arguments">Its arguments in order; owned by the result.</param>
    public static ScalarOperator? TryCreateScalar(
        QueryContext context, StepGrid grid, Call call, IReadOnlyList<OperatorArgument> arguments)
    {
        _ = context;
        return call.Function.Name switch
        {
            "time" => new TimeOperator(grid),
            "pi" => new ConstantScalar(grid, Math.PI),
            "scalar" => new SingleValueOperator(arguments[0].Series!),
            "max_of" => new ScalarExtremumOperator(arguments[0].Scalar!, arguments[1].Scalar!, isMax: true),
            "min_of" => new ScalarExtremumOperator(arguments[0].Scalar!, arguments[1].Scalar!, isMax: false),
            _ => null,
        };
    }

    private static byte[][] SortLabels(Call call)
    {
        var labels = new byte[call.Arguments.Count - 1][];
        for (var i = 0; i < labels.Length; i++) labels[i] = LabelFunctions.Utf8(call, i + 1);
        return labels;
    }

    private static SeriesOperator? TryCreateMap(
        QueryContext context, string name, IReadOnlyList<OperatorArgument> arguments)
    {
        return name switch
        {
            "abs" => Map<FloatMaps.AbsoluteValue>(),
            "ceil" => Map<FloatMaps.Ceiling>(),
            "floor" => Map<FloatMaps.Floor>(),
            "exp" => Map<FloatMaps.Exponential>(),
            "sqrt" => Map<FloatMaps.SquareRoot>(),
            "ln" => Map<FloatMaps.NaturalLogarithm>(),
            "log2" => Map<FloatMaps.BinaryLogarithm>(),
            "log10" => Map<FloatMaps.DecimalLogarithm>(),
            "sin" => Map<FloatMaps.Sine>(),
            "cos" => Map<FloatMaps.Cosine>(),
            "tan" => Map<FloatMaps.Tangent>(),
            "asin" => Map<FloatMaps.ArcSine>(),
            "acos" => Map<FloatMaps.ArcCosine>(),
            "atan" => Map<FloatMaps.ArcTangent>(),
            "sinh" => Map<FloatMaps.HyperbolicSine>(),
            "cosh" => Map<FloatMaps.HyperbolicCosine>(),
            "tanh" => Map<FloatMaps.HyperbolicTangent>(),
            "asinh" => Map<FloatMaps.AreaHyperbolicSine>(),
            "acosh" => Map<FloatMaps.AreaHyperbolicCosine>(),
            "atanh" => Map<FloatMaps.AreaHyperbolicTangent>(),
            "rad" => Map<FloatMaps.DegreesToRadians>(),
            "deg" => Map<FloatMaps.RadiansToDegrees>(),
            "sgn" => Map<FloatMaps.Signum>(),
            _ => null,
        };

        MapOperator<TMap> Map<TMap>()
            where TMap : struct, IMap => new(context, arguments[0].Series!);
    }

    // Without an argument they tell of the time of the evaluation.
    private static SeriesOperator? TryCreateDate(
        QueryContext context, StepGrid grid, string name, IReadOnlyList<OperatorArgument> arguments)
    {
        return name switch
        {
            "minute" => Map<DateMaps.Minute>(),
            "hour" => Map<DateMaps.Hour>(),
            "day_of_week" => Map<DateMaps.DayOfWeek>(),
            "day_of_month" => Map<DateMaps.DayOfMonth>(),
            "day_of_year" => Map<DateMaps.DayOfYear>(),
            "days_in_month" => Map<DateMaps.DaysInMonth>(),
            "month" => Map<DateMaps.Month>(),
            "year" => Map<DateMaps.Year>(),
            _ => null,
        };

        MapOperator<TMap> Map<TMap>()
            where TMap : struct, IMap =>
            new(context, arguments.Count > 0 ? arguments[0].Series! : new VectorOperator(new TimeOperator(grid)));
    }
}
