using System.Globalization;

namespace PromHost.PromQL.Tests;

/// <summary>
/// What Prometheus 3.14 says of parts of the language that older ones have not: two queries that must have the same
/// answer, over random series. The names of metrics do not matter.
/// </summary>
public sealed class QueryRelationTests
{
    private const int Rounds = 60;
    private const long StepMs = 30_000;
    private const long EndMs = (RandomLines.Steps - 1) * StepMs;

    private static readonly QueryFeatures s_features = new()
    {
        ExperimentalFunctions = true,
        BinopFillModifiers = true,
        ExtendedRangeSelectors = true,
    };

    // O: an operator, V: a number, T: a threshold, U: one that lies in no zero bucket, R: a range, Q and P: quantiles,
    // S: the step of the query.
    [Theory]

    // A missing partner has the value, where the other side is there.
    [InlineData("g O fill(V) f", "(g * 1 or (f == bool f) * 0 + V) O (f * 1 or (g == bool g) * 0 + V)")]
    [InlineData("g O fill_left(V) f", "(g * 1 or (f == bool f) * 0 + V) O f")]
    [InlineData("g O on (i) fill_right(V) f", "g O on (i) (f * 1 or (g == bool g) * 0 + V)")]
    [InlineData(
        "g O fill_right(V) fill_left(2) f",
        "(g * 1 or (f == bool f) * 0 + 2) O (f * 1 or (g == bool g) * 0 + V)")]

    // Trimming takes away what is beyond a bound, and nothing else.
    [InlineData("h </ Inf", "h")]
    [InlineData("h >/ -Inf", "h")]
    [InlineData("histogram_count(h </ T) + histogram_count(h >/ T)", "histogram_count(h)")]
    [InlineData("histogram_count(h </ U)", "histogram_fraction(-Inf, U, h) * histogram_count(h)")]

    // Several quantiles are those one by one.
    [InlineData(
        "histogram_quantiles(h, \"q\", Q, P)",
        "label_replace(histogram_quantile(Q, h), \"q\", \"Q\", \"\", \"\") or " +
        "label_replace(histogram_quantile(P, h), \"q\", \"P\", \"\", \"\")")]

    // From the last sample before the range, or the first within, to the last within.
    [InlineData("delta(m[R] anchored)", "last_over_time(m[R]) - (m offset R or first_over_time(m[R]))")]
    [InlineData("increase(m[R] anchored)", "delta(m[R] anchored)")]
    [InlineData("rate(g[R] anchored) * R", "increase(g[R] anchored)")]
    [InlineData("rate(g[R] smoothed) * R", "increase(g[R] smoothed)")]

    // From line to line between samples.
    [InlineData("delta(m[R] smoothed)", "m smoothed - (m smoothed offset R)")]
    [InlineData("increase(m[R] smoothed)", "delta(m[R] smoothed)")]

    // A duration expression is its value.
    [InlineData("sum_over_time(g[R + 2 * 30s])", "sum_over_time(g[(R + 60)])")]
    [InlineData("g offset (3m / 2)", "g offset 90s")]
    [InlineData("count_over_time(f[3 * step()])", "count_over_time(f[3 * S])")]
    public async Task Queries_HaveTheSameAnswer(string left, string right)
    {
        var points = 0;
        for (var seed = 0; seed < Rounds; seed++)
        {
            var random = new Random(seed);
            var runner = new QueryRunner(new InMemoryQuerySource().Load(StepMs, new RandomLines(random).Make()))
            {
                Features = s_features,
            };
            var stepSeconds = random.Next(1, 4) * 15;
            var pieces = Pieces(random, stepSeconds);
            // Away from both ends: all that is between two samples has both.
            var startMs = 600_000 + random.Next(20) * 5000L;
            var (mine, other) = (Fill(left, pieces), Fill(right, pieces));

            var expected = await AnswerAsync(runner, other, startMs, stepSeconds * 1000L);
            var actual = await AnswerAsync(runner, mine, startMs, stepSeconds * 1000L);

            Differences(actual, expected).Should().BeEmpty($"seed {seed}: {mine} is {other}");
            points += expected.Count;
        }

        points.Should().BeGreaterThan(20 * Rounds);
    }

    private static Dictionary<char, string> Pieces(Random random, int stepSeconds) => new()
    {
        ['O'] = Pick(random, "+", "-", "*", "/", "> bool", "==", "<"),
        ['V'] = Pick(random, "0", "7", "-2.5", "1e3"),
        ['T'] = Pick(random, "0", "1", "-0.7", "0.0005", "2.5", "30", "-30"),
        ['U'] = Pick(random, "1", "-0.7", "2.5", "30", "-30"),
        ['R'] = Pick(random, "60", "150", "300", "45"),
        ['Q'] = Pick(random, "0.1", "0.25"),
        ['P'] = Pick(random, "0.5", "0.99"),
        ['S'] = stepSeconds.ToString(CultureInfo.InvariantCulture),
    };

    private static string Pick(Random random, params ReadOnlySpan<string> choices) =>
        choices[random.Next(choices.Length)];

    // Capitals stand alone; names and Inf have more letters.
    private static string Fill(string query, Dictionary<char, string> pieces)
    {
        return string.Concat(query.Select((c, i) =>
            pieces.TryGetValue(c, out var piece) && !IsLetter(i - 1) && !IsLetter(i + 1) ? piece : c.ToString()));

        bool IsLetter(int at) => at >= 0 && at < query.Length && char.IsLetter(query[at]);
    }

    private static async Task<Dictionary<(string Labels, long TimeMs), string>> AnswerAsync(
        QueryRunner runner, string query, long startMs, long stepMs)
    {
        var result = (MatrixResult)(await runner.RunRange(query, startMs, EndMs - 400_000, stepMs)).Value;
        var points = new Dictionary<(string, long), string>();
        foreach (var series in result.Series)
        {
            var labels = MetadataLabels.DropFrom(series.Labels).ToString();
            for (var i = 0; i < series.Values.Length; i++)
            {
                points.Add((labels, series.TimestampsMs.Span[i]),
                    series.Values.Span[i].ToString("R", CultureInfo.InvariantCulture));
            }

            for (var i = 0; i < series.Histograms.Length; i++)
            {
                points.Add((labels, series.HistogramTimestampsMs.Span[i]),
                    HistogramNotation.Write(series.Histograms.Span[i]));
            }
        }

        return points;
    }

    private static IEnumerable<string> Differences(
        Dictionary<(string Labels, long TimeMs), string> actual,
        Dictionary<(string Labels, long TimeMs), string> expected)
    {
        foreach (var key in actual.Keys.Union(expected.Keys))
        {
            var (mine, other) = (actual.GetValueOrDefault(key, "nothing"), expected.GetValueOrDefault(key, "nothing"));
            if (!AreNear(mine, other)) yield return $"{key.Labels}@{key.TimeMs}: {mine}, {other}";
        }
    }

    private static bool AreNear(string mine, string other)
    {
        if (string.Equals(mine, other, StringComparison.Ordinal)) return true;
        return double.TryParse(mine, CultureInfo.InvariantCulture, out var a) &&
            double.TryParse(other, CultureInfo.InvariantCulture, out var b) &&
            (a == b || Math.Abs(a - b) <= 1e-9 * Math.Max(1, Math.Max(Math.Abs(a), Math.Abs(b))));
    }
}
