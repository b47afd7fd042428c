namespace PromHost.PromQL.Tests;

/// <summary>Writes random expressions that are valid with every optional part of the language on.</summary>
internal sealed class ExpressionGenerator(int seed)
{
    public static readonly ParserOptions AllOptions = new()
    {
        ExperimentalFunctions = true,
        DurationExpressions = true,
        ExtendedRangeSelectors = true,
        BinopFillModifiers = true,
    };

    private static readonly string[] s_names =
        ["up", "a:b", "http_requests_total", "sum", "by", "offset", "and", "start", "step", "fill", "without", "or"];

    private static readonly string[] s_labels = ["job", "le", "\"with.dot\"", "by", "on", "\"ünï\"", "__x__", "sum"];
    private static readonly string[] s_arithmetic = ["+", "-", "*", "/", "%", "^", "atan2"];
    private static readonly string[] s_comparisons = ["==", "!=", ">", "<", ">=", "<=", "== bool", "> bool"];
    private static readonly string[] s_sets = ["and", "or", "unless"];
    private static readonly string[] s_durations = ["5m", "1h30m", "2d", "90", "1.5", "10ms", "1y2w3d", "0x10"];

    private readonly Random _random = new(seed);

    public string Vector(int depth)
    {
        if (depth <= 0) return Selector();
        return _random.Next(12) switch
        {
            0 => $"({Vector(depth - 1)})",
            1 => "-" + Vector(depth - 1),
            2 => $"{Vector(depth - 1)} {Pick(s_arithmetic)} {Scalar(depth - 1)}",
            3 => $"{Vector(depth - 1)} {Pick(s_arithmetic)}{Matching()} {Vector(depth - 1)}",
            4 => $"{Vector(depth - 1)} {Pick(s_comparisons)} {Vector(depth - 1)}",
            5 => $"({Vector(depth - 1)}) {Pick(s_sets)} on({Labels()}) ({Vector(depth - 1)})",
            6 => $"rate({Matrix(depth - 1)})",
            7 => $"label_replace({Vector(depth - 1)}, {Text()}, {Text()}, {Text()}, {Text()})",
            8 => $"{Pick("sum", "avg", "group")}{Pick("", $" by ({Labels()})", " without ()")}({Vector(depth - 1)})",
            9 => $"topk({Scalar(depth - 1)}, {Vector(depth - 1)}) {Pick("", $"without ({Labels()})")}",
            10 => $"count_values({Text()}, {Vector(depth - 1)})",
            _ => Selector(),
        };
    }

    public string Scalar(int depth) => depth <= 0
        ? Number()
        : _random.Next(7) switch
        {
            0 => $"({Scalar(depth - 1)})",
            1 => "-" + Scalar(depth - 1),
            2 => $"{Scalar(depth - 1)} {Pick(s_arithmetic)} {Scalar(depth - 1)}",
            3 => $"{Scalar(depth - 1)} {Pick("== bool", "> bool")} {Scalar(depth - 1)}",
            4 => $"scalar({Vector(depth - 1)})",

            // In parentheses: it prints as +Inf, a sign that would take in a power behind it, as upstream's does.
            5 => "(Inf)",
            _ => Number(),
        };

    private string Matrix(int depth) => _random.Next(2) == 0
        ? $"{Series()}[{Range()}]{Pick("", " anchored", " smoothed")}{At()}{Offset()}"
        : $"({Vector(depth - 1)})[{Range()}:{Pick("", Range())}]{At()}{Offset()}";

    private string Selector() => Series() + At() + Pick("", "", " anchored") + Offset();

    private string Series() => _random.Next(4) switch
    {
        0 => $"{{{Matcher()}}}",
        1 => $"{{\"quoted.name\",{Matcher()},}}",
        2 => Pick(s_names) + $"{{{Matcher()}}}",
        _ => Pick(s_names),
    };

    private string Matcher() => $"{Pick("job", "\"a.b\"", "le")}{Pick("=", "!=")}{Text()}, x=\"1\"";

    private string Matching() => _random.Next(5) switch
    {
        0 => $" on ({Labels()})",
        1 => $" ignoring ({Labels()}) group_left (y)",
        2 => " on () group_right ()",
        3 => $" on (z) fill_left ({Number()})",
        _ => "",
    };

    private string Labels() => string.Join(", ", Enumerable.Range(0, _random.Next(3)).Select(_ => Pick(s_labels)));

    private string At() => Pick("", "", " @ start()", " @ end()", " @ 1603774568.125", " @ -5");

    private string Offset() => Pick("", "", " offset 5m", " offset -1h", " offset -(5m + 1)", " offset -step()");

    private string Range() => _random.Next(6) switch
    {
        0 => $"{Pick(s_durations)} + {Pick(s_durations)} * 2",
        1 => $"1 * max_of(step(), {Pick(s_durations)})",
        2 => $"({Pick(s_durations)})",
        3 => $"1 - ({Pick(s_durations)} - range()) ^ 2",
        _ => Pick(s_durations),
    };

    private string Number() => Pick("1", "0.5", "1e9", "NaN", "0x1f", "1_000", "5m", "017", "1e-7");

    private string Text() => Pick("\"a\"", "'b\\n\\'c'", "`raw\\`", "\"\\u00fc\"", "\"\"");

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];
}
