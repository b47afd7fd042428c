using System.Collections.Frozen;

namespace PromHost.PromQL;

/// <summary>All functions of Prometheus 3.14, experimental ones included.</summary>
public static class FunctionTable
{
    // Argument and return types: V instant vector, M range vector, S scalar, T string.
    private static readonly Function[] s_functions =
    [
        Define("abs", "V", 'V'),
        Define("absent", "V", 'V'),
        Define("absent_over_time", "M", 'V'),
        Define("acos", "V", 'V'),
        Define("acosh", "V", 'V'),
        Define("asin", "V", 'V'),
        Define("asinh", "V", 'V'),
        Define("atan", "V", 'V'),
        Define("atanh", "V", 'V'),
        Define("avg_over_time", "M", 'V'),
        Define("ceil", "V", 'V'),
        Define("changes", "M", 'V'),
        Define("clamp", "VSS", 'V'),
        Define("clamp_max", "VS", 'V'),
        Define("clamp_min", "VS", 'V'),
        Define("cos", "V", 'V'),
        Define("cosh", "V", 'V'),
        Define("count_over_time", "M", 'V'),
        Define("day_of_month", "V", 'V', variadic: 1),
        Define("day_of_week", "V", 'V', variadic: 1),
        Define("day_of_year", "V", 'V', variadic: 1),
        Define("days_in_month", "V", 'V', variadic: 1),
        Define("deg", "V", 'V'),
        Define("delta", "M", 'V'),
        Define("deriv", "M", 'V'),
        Define("double_exponential_smoothing", "MSS", 'V', experimental: true),
        Define("end", "", 'S', experimental: true),
        Define("exp", "V", 'V'),
        Define("first_over_time", "M", 'V'),
        Define("floor", "V", 'V'),
        Define("histogram_avg", "V", 'V'),
        Define("histogram_count", "V", 'V'),
        Define("histogram_fraction", "SSV", 'V'),
        Define("histogram_quantile", "SV", 'V'),
        Define("histogram_quantiles", "VTSS", 'V', variadic: 9, experimental: true),
        Define("histogram_stddev", "V", 'V'),
        Define("histogram_stdvar", "V", 'V'),
        Define("histogram_sum", "V", 'V'),
        Define("hour", "V", 'V', variadic: 1),
        Define("idelta", "M", 'V'),
        Define("increase", "M", 'V'),
        Define("info", "VV", 'V', variadic: 1, experimental: true),
        Define("irate", "M", 'V'),
        Define("label_join", "VTTT", 'V', variadic: -1),
        Define("label_replace", "VTTTT", 'V'),
        Define("last_over_time", "M", 'V'),
        Define("ln", "V", 'V'),
        Define("log10", "V", 'V'),
        Define("log2", "V", 'V'),
        Define("mad_over_time", "M", 'V', experimental: true),
        Define("max_of", "SS", 'S', experimental: true),
        Define("max_over_time", "M", 'V'),
        Define("min_of", "SS", 'S', experimental: true),
        Define("min_over_time", "M", 'V'),
        Define("minute", "V", 'V', variadic: 1),
        Define("month", "V", 'V', variadic: 1),
        Define("pi", "", 'S'),
        Define("predict_linear", "MS", 'V'),
        Define("present_over_time", "M", 'V'),
        Define("quantile_over_time", "SM", 'V'),
        Define("rad", "V", 'V'),
        Define("range", "", 'S', experimental: true),
        Define("rate", "M", 'V'),
        Define("resets", "M", 'V'),
        Define("round", "VS", 'V', variadic: 1),
        Define("scalar", "V", 'S'),
        Define("sgn", "V", 'V'),
        Define("sin", "V", 'V'),
        Define("sinh", "V", 'V'),
        Define("sort", "V", 'V'),
        Define("sort_by_label", "VT", 'V', variadic: -1, experimental: true),
        Define("sort_by_label_desc", "VT", 'V', variadic: -1, experimental: true),
        Define("sort_desc", "V", 'V'),
        Define("sqrt", "V", 'V'),
        Define("start", "", 'S', experimental: true),
        Define("start_timestamp", "V", 'V', experimental: true),
        Define("stddev_over_time", "M", 'V'),
        Define("stdvar_over_time", "M", 'V'),
        Define("step", "", 'S', experimental: true),
        Define("sum_over_time", "M", 'V'),
        Define("tan", "V", 'V'),
        Define("tanh", "V", 'V'),
        Define("time", "", 'S'),
        Define("timestamp", "V", 'V'),
        Define("ts_of_first_over_time", "M", 'V', experimental: true),
        Define("ts_of_last_over_time", "M", 'V', experimental: true),
        Define("ts_of_max_over_time", "M", 'V', experimental: true),
        Define("ts_of_min_over_time", "M", 'V', experimental: true),
        Define("vector", "S", 'V'),
        Define("year", "V", 'V', variadic: 1),
    ];

    private static readonly FrozenDictionary<string, Function> s_byName =
        s_functions.ToFrozenDictionary(static f => f.Name, StringComparer.Ordinal);

    /// <summary>All functions, ordered by name.</summary>
    public static IReadOnlyList<Function> All => s_functions;

    /// <summary>Finds a function by its exact name.</summary>
    /// <param name="name">The name; case matters.</param>
    /// <returns>The function, or null.</returns>
    public static Function? Find(string name) => s_byName.GetValueOrDefault(name);

    private static Function Define(
        string name, string arguments, char returnType, int variadic = 0, bool experimental = false) =>
        new(name, [.. arguments.Select(TypeOf)], variadic, TypeOf(returnType), experimental);

    private static ValueType TypeOf(char letter) => letter switch
    {
        'V' => ValueType.Vector,
        'M' => ValueType.Matrix,
        'S' => ValueType.Scalar,
        _ => ValueType.String,
    };
}
