using System.Globalization;

namespace PromHost.Interop.Tests;

/// <summary>
/// Writes random queries over <see cref="FuzzData"/>. It knows what labels an expression has and whether its points are
/// floats, so that most queries mean something; now and then it does not care.
/// </summary>
/// <param name="random">What decides.</param>
/// <param name="startMs">Where the data begin.</param>
internal sealed class QueryWriter(Random random, long startMs)
{
    private static readonly string[] s_floats = ["g", "f", "u", "c_total", "x", "g", "f"];
    private static readonly string[] s_histograms = ["h", "hg", "hc", "x", "h"];
    private static readonly string[] s_exactMaps =
    [
        "abs", "ceil", "floor", "sgn", "deg", "rad", "sqrt", "minute", "hour", "day_of_month", "day_of_week",
        "day_of_year", "days_in_month", "month", "year", "timestamp", "round", "clamp", "clamp_min", "clamp_max",
    ];

    private static readonly string[] s_mathMaps =
    [
        "exp", "ln", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh",
        "acosh", "atanh",
    ];

    private static readonly string[] s_floatRanges =
    [
        "avg_over_time", "sum_over_time", "min_over_time", "max_over_time", "count_over_time", "last_over_time",
        "stddev_over_time", "stdvar_over_time", "present_over_time", "quantile_over_time", "mad_over_time", "changes",
        "resets", "delta", "idelta", "deriv", "predict_linear", "double_exponential_smoothing", "rate", "irate",
        "increase", "absent_over_time",
    ];

    private static readonly string[] s_histogramRanges =
    [
        "avg_over_time", "sum_over_time", "last_over_time", "rate", "increase", "delta", "irate", "idelta",
    ];

    private static readonly string[] s_estimates =
    [
        "histogram_count", "histogram_sum", "histogram_avg", "histogram_stddev", "histogram_stdvar",
        "histogram_quantile", "histogram_fraction",
    ];

    private static readonly string[] s_folds =
        ["sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "quantile", "sum", "avg"];

    // Within a subquery, whose steps Prometheus 3.5 cannot be asked for one by one, which `info` needs.
    private bool _isOverTime;

    /// <summary>The labels of an expression's series.</summary>
    private enum Labels
    {
        /// <summary>Job and instance; different even without the metric's name.</summary>
        Instance,

        /// <summary>Job only.</summary>
        Job,

        /// <summary>None: one series.</summary>
        None,
    }

    /// <summary>Functions that are drawn by name; what is drawn in another way is named where it is.</summary>
    public static IEnumerable<string> Functions =>
    [
        .. s_exactMaps, .. s_mathMaps, .. s_floatRanges, .. s_histogramRanges, .. s_estimates, "absent", "info",
        "label_join", "label_replace", "pi", "scalar", "sort", "sort_desc", "sort_by_label", "sort_by_label_desc",
        "time", "vector",
    ];

    /// <summary>A query.</summary>
    public string Query() => random.Next(25) switch
    {
        0 => Scalar(3),
        1 => $"{Pick("sort", "sort_desc")}({OrderedVector(1)})",
        2 => $"{Pick("sort_by_label", "sort_by_label_desc")}({Vector(1, Labels.Instance)}, \"instance\", \"job\")",
        3 or 4 => $"{Pick("topk", "bottomk")}{By()}({random.Next(-1, 5)}, {OrderedVector(1)})",
        5 => Mistaken(),
        6 => Matrix(Pick(s_floats)),
        7 => $"{Pick("rate", "increase")}({Pick("hg", "h", "hc", "x")}{Range()})",
        _ => Vector(random.Next(1, 5), (Labels)random.Next(3)),
    };

    private string Vector(int depth, Labels labels, bool isExact = false)
    {
        if (random.Next(4) == 0) return Histograms(depth, labels);
        return Floats(depth, labels, isExact);
    }

    private string Floats(int depth, Labels labels, bool isExact = false) => labels switch
    {
        Labels.Instance => OfInstances(depth, isExact),
        Labels.Job => OfJobs(depth, isExact),
        _ => Single(depth, isExact),
    };

    private string OfInstances(int depth, bool isExact)
    {
        if (depth <= 0) return Selection(Pick(s_floats), 0);
        var inner = depth - 1;
        return random.Next(isExact ? 15 : 18) switch
        {
            0 or 1 => Selection(Pick(s_floats), depth),
            2 or 3 => RangeCall(inner, isExact),
            4 => ExactMap(inner),
            5 => $"{OfInstances(inner, isExact)} {Pick("+", "-", "*", "/")} {Scalar(1)}",
            6 => $"{Scalar(1)} {Pick("-", "/", "*")} {Parenthesized(OfInstances(inner, isExact))}",
            7 => Join(inner, isExact),
            8 => GroupJoin(inner, isExact),
            9 => Comparison(inner),
            10 => $"{Operand(OfInstances(inner, isExact))} {Pick("and", "or", "unless")}{On()} " +
                Parenthesized(OfInstances(inner, isExact)),
            11 => $"-{Parenthesized(OfInstances(inner, isExact))}",
            12 => isExact
                ? $"{Pick("histogram_count", "histogram_sum")}({Selection(Pick(s_histograms), 1)})"
                : Estimate(inner, Labels.Instance),
            13 => Relabeled(OfInstances(inner, isExact)),
            14 => _isOverTime
                ? Selection(Pick(s_floats), depth)
                : $"info({Selection(Pick("g", "f", "u", "c_total"), 0)}{Pick("", ", {version=~\".+\"}")})",
            15 => $"{Pick(s_mathMaps)}({OfInstances(inner, isExact: true)})",
            16 => $"{OfInstances(inner, isExact: true)} {Pick("^", "atan2")} {Number(-2, 3)}",
            _ => $"avg by (job, instance) ({OfInstances(inner, isExact: false)})",
        };
    }

    private string OfJobs(int depth, bool isExact)
    {
        var inner = Math.Max(0, depth - 1);
        return random.Next(depth <= 0 ? 4 : 9) switch
        {
            0 or 1 or 2 => Fold(" by (job)", inner, isExact),
            3 => Fold(" without (instance)", inner, isExact),
            4 => $"{Operand(OfJobs(inner, isExact))} {Pick("+", "-", "*", "/")}{Pick("", " on (job)")} " +
                Parenthesized(OfJobs(inner, isExact)),
            5 => $"{OfJobs(inner, isExact)} {Pick("+", "-", "*")} {Scalar(1)}",
            6 => $"histogram_quantile({Number(0, 1)}, {Pick("b_bucket", "k", "rate(b_bucket[5m])", "rate(k[5m])")})",
            7 => $"histogram_fraction({Number(0, 1)}, {Number(1, 6)}, {Pick("b_bucket", "k", "rate(b_bucket[4m])")})",
            _ => Estimate(inner, Labels.Job),
        };
    }

    private string Single(int depth, bool isExact)
    {
        var inner = Math.Max(0, depth - 1);
        return random.Next(9) switch
        {
            0 or 1 or 2 or 3 => Fold(string.Empty, inner, isExact),
            4 => $"vector({Scalar(inner)})",
            5 => $"absent({Selection(Pick("g", "x", "h", "nothing"), 1)})",
            6 => isExact ? Fold(string.Empty, inner, isExact) : Estimate(inner, Labels.None),
            7 => $"{Single(inner, isExact)} {Pick("+", "*", ">", "<= bool")} {Scalar(1)}",
            _ => $"count(limitk{By()}({random.Next(0, 4)}, {Vector(inner, Labels.Instance, isExact)}))",
        };
    }

    private string Fold(string clause, int depth, bool isExact)
    {
        // Upstream's order of summation over anything but a selector changes from run to run.
        if (isExact)
        {
            return random.Next(2) == 0
                ? $"{Pick("sum", "avg", "stddev")}{clause} ({Selection(Pick("g", "f", "c_total"), 1)})"
                : $"{Pick("min", "max", "count", "group")}{clause} ({OfInstances(depth, isExact: true)})";
        }

        if (random.Next(12) == 0) return $"count_values{clause} (\"value\", {OfInstances(depth, isExact: true)})";
        if (random.Next(12) == 0)
            return $"sum{clause} ({Pick("topk", "bottomk")}{clause} ({random.Next(5)}, {OfInstances(depth, true)}))";
        if (random.Next(15) == 0)
            return $"count{clause} (limit_ratio{clause} ({Number(-1, 1)}, {Selection(Pick("g", "h", "x"), 1)}))";
        var fold = Pick(s_folds);
        return fold is "quantile"
            ? $"quantile{clause} ({Number(0, 1)}, {OfInstances(depth, isExact: false)})"
            : $"{fold}{clause} ({Vector(depth, Labels.Instance)})";
    }

    private string Histograms(int depth, Labels labels)
    {
        if (labels != Labels.Instance)
        {
            var clause = labels == Labels.Job ? Pick(" by (job)", " without (instance)") : string.Empty;
            var histograms = Histograms(Math.Max(0, depth - 1), Labels.Instance);
            return $"{Pick("sum", "avg", "sum", "count")}{clause} ({histograms})";
        }

        if (depth <= 0) return Selection(Pick(s_histograms), 0);
        var inner = depth - 1;
        return random.Next(11) switch
        {
            0 or 1 or 2 => Selection(Pick(s_histograms), depth),
            3 or 4 or 5 => HistogramRange(),
            6 => $"{Histograms(inner, labels)} {Pick("*", "/", "*", "+")} {Number(-2, 4)}",
            7 => $"{Operand(Histograms(inner, labels))} " +
                $"{Pick("+", "-", "==", "!=", "*", "and", "or", "unless")}{On()} ({Histograms(inner, labels)})",
            8 => $"-{Parenthesized(Histograms(inner, labels))}",
            9 => Relabeled(Histograms(inner, labels)),
            _ => $"{Operand(Histograms(inner, labels))} * on (job, instance) {Selection(Pick("g", "f", "x"), 0)}",
        };
    }

    // Rates of gauges, and of what floats stand between, are drawn by themselves only, so that it can be checked where
    // they are extrapolated to.
    private string HistogramRange()
    {
        var name = Pick(s_histogramRanges);
        var isRate = name is "rate" or "increase" or "irate";
        return $"{name}({Matrix(isRate ? Pick("h", "hc", "h") : Pick(s_histograms))})";
    }

    private string Estimate(int depth, Labels labels)
    {
        var name = Pick(s_estimates);
        var histograms = Histograms(depth, labels);
        return name switch
        {
            "histogram_quantile" => $"{name}({Number(0, 1)}, {histograms})",
            "histogram_fraction" => $"{name}({Number(-3, 1)}, {Number(0, 9)}, {histograms})",
            _ => $"{name}({histograms})",
        };
    }

    private string RangeCall(int depth, bool isExact)
    {
        var name = Pick(s_floatRanges);
        var isStep = name is "changes" or "resets";
        var matrix = depth > 0 && random.Next(3) == 0
            ? OverTime(depth - 1, isExact || isStep)
            : Matrix(Pick(s_floats));
        return name switch
        {
            "quantile_over_time" => $"{name}({Number(0, 1)}, {matrix})",
            "predict_linear" => $"{name}({matrix}, {random.Next(-60, 300)})",
            "double_exponential_smoothing" => $"{name}({matrix}, 0.{random.Next(1, 10)}, 0.{random.Next(1, 10)})",
            _ => $"{name}({matrix})",
        };
    }

    private string OverTime(int depth, bool isExact)
    {
        var wasOverTime = _isOverTime;
        _isOverTime = true;
        var text = $"{Parenthesized(OfInstances(depth, isExact))}{Subquery()}";
        _isOverTime = wasOverTime;
        return text;
    }

    private string ExactMap(int depth)
    {
        var name = Pick(s_exactMaps);
        var vector = OfInstances(depth, isExact: true);
        return name switch
        {
            "round" => $"{name}({vector}{Pick("", ", 5", ", 0.5")})",
            "clamp" => $"{name}({vector}, {Number(-5, 5)}, {Number(0, 20)})",
            "clamp_min" or "clamp_max" => $"{name}({vector}, {Scalar(0)})",
            _ => $"{name}({vector})",
        };
    }

    private string Comparison(int depth)
    {
        var operation = Pick("==", "!=", ">", "<", ">=", "<=") + Pick("", "", " bool");
        var left = OfInstances(depth, isExact: true);
        return random.Next(2) == 0
            ? $"{left} {operation} {Scalar(0)}"
            : $"{Operand(left)} {operation}{On()} {Parenthesized(OfInstances(depth, isExact: true))}";
    }

    private string Join(int depth, bool isExact)
    {
        // A remainder makes much of the last bits.
        var operation = Pick("+", "-", "*", "/", "+", isExact ? "-" : "%");
        isExact |= operation[0] == '%';
        return $"{Operand(OfInstances(depth, isExact))} {operation}{On()} {Parenthesized(OfInstances(depth, isExact))}";
    }

    private string GroupJoin(int depth, bool isExact)
    {
        var operation = Pick("+", "-", "*", "/", ">", "== bool");
        isExact |= operation[0] is '>' or '=';
        return random.Next(3) switch
        {
            0 => $"{Operand(OfInstances(depth, isExact))} {operation} on (job) group_left () " +
                Parenthesized(OfJobs(depth, isExact)),
            1 => $"{Parenthesized(OfJobs(depth, isExact))} {operation} on (job) group_right () " +
                Parenthesized(OfInstances(depth, isExact)),
            _ => $"{Selection(Pick("g", "f", "u", "c_total"), 1)} * on (job, instance) group_left (version) " +
                $"target_info{Pick("", "{version=\"v1\"}", "{version=\"v2\"}")}",
        };
    }

    // Values that are hardly ever equal, so that their order is one.
    private string OrderedVector(int depth)
    {
        if (depth == 0) return Selection("u", 1);
        return random.Next(5) switch
        {
            0 => $"{Selection("u", 0)} * 2",
            1 => $"avg_over_time({Selection("u", 0)}{Range()})",
            2 => $"{Selection("u", 0)} and on (job, instance) {Selection("f", 0)}",
            3 => "{__name__=~\"u|h\"}",
            _ => OrderedVector(0),
        };
    }

    private string Relabeled(string vector) => random.Next(3) switch
    {
        0 => $"label_replace({vector}, \"copy\", \"$1\", \"instance\", \"i(.*)\")",
        1 => $"label_replace({vector}, \"instance\", \"i$1\", \"instance\", \"i(.)\")",
        _ => $"label_join({vector}, \"both\", \"-\", \"job\", \"instance\")",
    };

    // Fails in most cases; some only where partners are there.
    private string Mistaken() => random.Next(6) switch
    {
        0 => $"{Selection("g", 0)} + on (job) {Selection("f", 0)}",
        1 => $"{Selection("g", 0)} * on (job) group_left {Selection("f", 0)}",
        2 => $"label_replace({Selection("g", 0)}, \"instance\", \"i1\", \"instance\", \"i.\")",
        3 => "rate({__name__=~\"g|f\"}[5m])",
        4 => $"quantile({Pick("2", "-1", "NaN")}, {Selection("g", 0)})",
        _ => $"label_replace({Selection("g", 0)}, \"a\", \"$1\", \"b\", \"(\")",
    };

    private string Scalar(int depth) => random.Next(depth <= 0 ? 3 : 7) switch
    {
        0 or 1 => Number(-3, 12),
        2 => Pick("time()", "pi()", "1e3", "Inf", "NaN", "0x1f", "-0.5"),
        3 => $"scalar({Single(depth - 1, isExact: true)})",
        4 => $"scalar({Selection("g", 0)})",
        5 => $"({Scalar(depth - 1)} {Pick("+", "-", "*", "/", "> bool", "== bool")} {Scalar(depth - 1)})",
        _ => $"(time() - {Seconds(random.Next(0, 2400))})",
    };

    private string Selection(string metric, int modifiers) =>
        metric + Matchers() + (modifiers == 0 ? string.Empty : Modifiers());

    private string Matrix(string metric) => metric + Matchers() + Range() + Modifiers();

    private string Matchers() => random.Next(10) switch
    {
        0 => "{job=\"a\"}",
        1 => "{instance=~\"i[12]\"}",
        2 => "{instance!=\"i1\"}",
        3 => "{job!~\"a\", instance!~\"\"}",
        _ => string.Empty,
    };

    private string Modifiers()
    {
        if (random.Next(5) > 0) return string.Empty;
        return random.Next(5) switch
        {
            0 => $" offset {random.Next(1, 400)}s",
            1 => $" offset -{random.Next(1, 200)}s",
            2 => $" @ {Seconds(random.Next(600, 2200))}",
            3 => Pick(" @ start()", " @ end()"),
            _ => $" @ {Seconds(random.Next(600, 2200))} offset {random.Next(1, 200)}s",
        };
    }

    private string Range() => Pick("[1m]", "[5m]", "[2m30s]", "[10m]", "[15s]", "[47s]", "[3m]", "[4m]");

    private string Subquery() =>
        Pick("[5m:1m]", "[3m:20s]", "[10m:47s]", "[4m:]", "[6m:30s] offset 1m", "[5m:15s] @ end()");

    private string On() => Pick(" on (job, instance)", " ignoring (version)", "", " on (instance, job)");

    private string By() => Pick("", " by (job)", " without (instance)", " by (instance)");

    private string Number(int from, int to) => random.Next(4) == 0
        ? random.Next(from, to + 1).ToString(CultureInfo.InvariantCulture)
        : (from + (random.Next(0, ((to - from) * 8) + 1) / 8.0)).ToString(CultureInfo.InvariantCulture);

    private string Seconds(int afterStart) =>
        ((startMs / 1000) + afterStart).ToString(CultureInfo.InvariantCulture);

    private string Pick(params ReadOnlySpan<string> choices) => choices[random.Next(choices.Length)];

    // On the left of an operator with a clause, which a scalar before an operator of less precedence must not get.
    private static string Operand(string text) =>
        text.Contains(' ', StringComparison.Ordinal) ? Parenthesized(text) : text;

    private static string Parenthesized(string text) => $"({text})";
}
