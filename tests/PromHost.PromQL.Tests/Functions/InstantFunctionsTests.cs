namespace PromHost.PromQL.Tests;

public sealed class InstantFunctionsTests
{
    private const long Minute = 60_000;

    private static QueryRunner Runner(params ReadOnlySpan<string> lines) =>
        new(new InMemoryQuerySource().Load(Minute, lines));

    [Theory]
    [InlineData("abs(vector(-2))", 2)]
    [InlineData("ceil(vector(1.1))", 2)]
    [InlineData("ceil(vector(-0.5))", -0.0)]
    [InlineData("floor(vector(-1.1))", -2)]
    [InlineData("exp(vector(1))", Math.E)]
    [InlineData("exp(vector(-Inf))", 0)]
    [InlineData("ln(vector(1))", 0)]
    [InlineData("ln(vector(0))", double.NegativeInfinity)]
    [InlineData("ln(vector(-1))", double.NaN)]
    [InlineData("log2(vector(8))", 3)]
    [InlineData("log10(vector(1000))", 3)]
    [InlineData("sqrt(vector(16))", 4)]
    [InlineData("sqrt(vector(-1))", double.NaN)]
    [InlineData("sgn(vector(-3))", -1)]
    [InlineData("sgn(vector(3))", 1)]
    [InlineData("sgn(vector(NaN))", double.NaN)]
    [InlineData("round(vector(2.5))", 3)]
    [InlineData("round(vector(-2.5))", -2)]
    [InlineData("round(vector(2.4))", 2)]
    [InlineData("round(vector(17), 5)", 15)]
    [InlineData("round(vector(0.15), 0.1)", 0.2)]
    [InlineData("round(vector(1), 0)", double.NaN)]
    [InlineData("clamp(vector(5), 0, 3)", 3)]
    [InlineData("clamp(vector(-5), 0, 3)", 0)]
    [InlineData("clamp(vector(NaN), 0, 3)", double.NaN)]
    [InlineData("clamp_min(vector(-5), -3)", -3)]
    [InlineData("clamp_max(vector(5), 3)", 3)]
    [InlineData("clamp_max(vector(5), NaN)", double.NaN)]
    [InlineData("sin(vector(0))", 0)]
    [InlineData("cos(vector(0))", 1)]
    [InlineData("tan(vector(0))", 0)]
    [InlineData("asin(vector(1))", Math.PI / 2)]
    [InlineData("acos(vector(1))", 0)]
    [InlineData("atan(vector(Inf))", Math.PI / 2)]
    [InlineData("sinh(vector(0))", 0)]
    [InlineData("sinh(vector(710))", double.PositiveInfinity)]
    [InlineData("sinh(vector(-710))", double.NegativeInfinity)]
    [InlineData("cosh(vector(-710))", double.PositiveInfinity)]
    [InlineData("cosh(vector(0))", 1)]
    [InlineData("tanh(vector(Inf))", 1)]
    [InlineData("asinh(vector(0))", 0)]
    [InlineData("acosh(vector(1))", 0)]
    [InlineData("acosh(vector(0))", double.NaN)]
    [InlineData("atanh(vector(1))", double.PositiveInfinity)]
    [InlineData("deg(vector(pi()))", 180)]
    [InlineData("rad(vector(180))", Math.PI)]
    [InlineData("vector(time())", 90)]
    [InlineData("timestamp(vector(1))", 90)]
    [InlineData("vector(max_of(1, 2))", 2)]
    [InlineData("vector(min_of(1, 2))", 1)]
    [InlineData("vector(max_of(NaN, 2))", double.NaN)]
    [InlineData("vector(max_of(NaN, Inf))", double.PositiveInfinity)]
    [InlineData("vector(min_of(NaN, -Inf))", double.NegativeInfinity)]
    [InlineData("vector(scalar(vector(3)))", 3)]
    public async Task TryCreate_CalculatesFloats(string query, double expected)
    {
        var result = (VectorResult)(await Runner().RunInstant(query, 90_000)).Value;
        result.Labels.ToArray().Should().ContainSingle().Which.IsEmpty.Should().BeTrue();
        if (double.IsNaN(expected)) result.Values.Span[0].Should().Be(double.NaN);
        else result.Values.Span[0].Should().BeApproximately(expected, Math.Abs(expected) < 1e300 ? 1e-12 : 0);
    }

    [Theory]
    [InlineData("1136239445", 4, 22, 1, 2, 2, 31, 1, 2006)]
    [InlineData("0", 0, 0, 4, 1, 1, 31, 1, 1970)]
    [InlineData("-1", 59, 23, 3, 31, 365, 31, 12, 1969)]
    [InlineData("951782400", 0, 0, 2, 29, 60, 29, 2, 2000)]
    [InlineData("4107542399", 59, 23, 0, 28, 59, 28, 2, 2100)]
    [InlineData("4107542400", 0, 0, 1, 1, 60, 31, 3, 2100)]
    [InlineData("1709251200.9", 0, 0, 5, 1, 61, 31, 3, 2024)]
    [InlineData("-62135596800", 0, 0, 1, 1, 1, 31, 1, 1)]
    public async Task TryCreate_TellsTheDate(string seconds, params int[] expected)
    {
        string[] names =
        [
            "minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year",
        ];
        var runner = Runner();
        for (var i = 0; i < names.Length; i++)
        {
            (await runner.Instant($"{names[i]}(vector({seconds}))", 0)).Should().Be($"{{}} {expected[i]}", names[i]);
        }
    }

    [Fact]
    public void UtcMoment_AgreesWithTheCalendar()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var time = DateTimeOffset.FromUnixTimeSeconds(random.NextInt64(-62135596800, 253402300800));
            var moment = UtcMoment.Of(time.ToUnixTimeSeconds());
            moment.Year.Should().Be(time.Year);
            moment.Month.Should().Be(time.Month);
            moment.DayOfMonth.Should().Be(time.Day);
            moment.DayOfYear.Should().Be(time.DayOfYear);
            moment.DayOfWeek.Should().Be((int)time.DayOfWeek);
            moment.DaysInMonth.Should().Be(DateTime.DaysInMonth(time.Year, time.Month));
            moment.Hour.Should().Be(time.Hour);
            moment.Minute.Should().Be(time.Minute);
        }
    }

    [Fact]
    public async Task TryCreate_TakesTheEvaluationTime_WhenADateHasNoArgument() =>
        (await Runner().Range("minute()", 0, 2 * Minute, Minute)).Should().Be("{} 0@0 1@60000 2@120000");

    [Theory]
    [InlineData("abs(m)", "{n=\"1\"} 1")]
    [InlineData("clamp(m, 2, 1)", "")]
    [InlineData("round(m)", "{n=\"1\"} 1")]
    [InlineData("timestamp(abs(m))", "{n=\"1\"} 0")]
    [InlineData("hour(m)", "{n=\"1\"} 0")]
    [InlineData("sort(m)", "{__name__=\"m\", n=\"1\"} 1")]
    [InlineData("absent(m)", "")]
    [InlineData("histogram_count(m)", "")]
    [InlineData("histogram_sum(m)", "")]
    [InlineData("histogram_avg(m)", "")]
    [InlineData("histogram_stddev(m)", "")]
    [InlineData("histogram_stdvar(m)", "")]
    [InlineData("start_timestamp(m)", "")]
    [InlineData("absent(x{a=\"1\", b=~\"2\", c!=\"3\", d=\"4\", d=\"5\"})", "{a=\"1\"} 1")]
    [InlineData("absent((x{a=\"1\"}))", "{a=\"1\"} 1")]
    [InlineData("absent(abs(x{a=\"1\"}))", "{} 1")]
    [InlineData("scalar(m)", "1")]
    [InlineData("scalar(nothing)", "NaN")]
    [InlineData("vector(1)", "{} 1")]
    public async Task TryCreate_KnowsWhatBecomesOfLabels(string query, string expected) =>
        (await Runner("m{n=\"1\"} 1").Instant(query, 0)).Should().Be(expected);

    [Fact]
    public async Task Absent_AndScalar_LookStepByStep_WhenSeriesAlternate()
    {
        var runner = Runner("m{n=\"1\"} 1 stale stale 4", "m{n=\"2\"} stale 2 stale 5");
        (await runner.Range("absent(m)", 0, 3 * Minute, Minute)).Should().Be("{} 1@120000");
        (await runner.Range("scalar(m)", 0, 3 * Minute, Minute)).Should()
            .Be("{} 1@0 2@60000 NaN@120000 NaN@180000");
    }

    [Fact]
    public async Task TryCreate_MergesSeriesThatLoseTheirName_WhenTheyAlternate()
    {
        var runner = Runner("a 1 stale 3", "b stale 2 stale", "c 1 1 1");
        (await runner.Range("abs({__name__=~\"a|b\"})", 0, 2 * Minute, Minute)).Should().Be("{} 1@0 2@60000 3@120000");
        var act = () => runner.Range("abs({__name__=~\"a|c\"})", 0, 2 * Minute, Minute);
        (await act.Should().ThrowAsync<QueryException>())
            .WithMessage("vector cannot contain metrics with the same labelset");
    }

    [Theory]
    [InlineData("sort(m)", "1 2 3 NaN")]
    [InlineData("sort_desc(m)", "3 2 1 NaN")]
    [InlineData("sort_by_label(m, \"n\")", "2 3 1 NaN")]
    [InlineData("sort_by_label_desc(m, \"n\")", "NaN 1 3 2")]
    [InlineData("sort_by_label(m)", "3 1 2 NaN")]
    public async Task Sort_OrdersAnInstant(string query, string expected)
    {
        var runner = Runner("m{n=\"b\"} NaN", "m{n=\"a10\"} 3", "m{n=\"a9\"} 2", "m{n=\"a20\"} 1");
        var result = await runner.RunInstant(query, 0);
        string.Join(' ', ((VectorResult)result.Value).Values.ToArray().Select(v => $"{v}")).Should().Be(expected);
        result.Warnings.Should().BeEmpty();
    }

    [Fact]
    public async Task Sort_Warns_WhenThereAreSeveralSteps()
    {
        var result = await Runner("m 1 2").RunRange("sort(m)", 0, Minute, Minute);
        result.Warnings.Should().Equal("PromQL warning: sort is ineffective for range queries since results are " +
            "always ordered by labels (1:1)");
        QueryRunner.Write(result.Value).Should().Be("{__name__=\"m\"} 1@0 2@60000");
    }

    [Theory]
    [InlineData("a2", "a10", true, false)]
    [InlineData("a02", "a2", true, true)]
    [InlineData("a2b3", "a2b10", true, false)]
    [InlineData("a", "a1", true, false)]
    [InlineData("a", "", false, false)]
    [InlineData("", "", false, false)]
    [InlineData("1", "a", true, false)]
    [InlineData("x99999999999999999999999", "x100000000000000000000000", false, true)]
    public void NaturalOrder_ComparesDigitsAsNumbers(string first, string second, bool precedes, bool follows)
    {
        var firstUtf8 = System.Text.Encoding.UTF8.GetBytes(first);
        var secondUtf8 = System.Text.Encoding.UTF8.GetBytes(second);
        NaturalOrder.Precedes(firstUtf8, secondUtf8).Should().Be(precedes);
        NaturalOrder.Precedes(secondUtf8, firstUtf8).Should().Be(follows);
    }

    [Fact]
    public async Task SortByLabel_OrdersMoreThanADozen()
    {
        var lines = Enumerable.Range(0, 50).Select(i => $"m{{n=\"a{i * 37 % 50}\"}} {i * 37 % 50}").ToArray();
        var runner = Runner(lines);
        ((VectorResult)(await runner.RunInstant("sort_by_label(m, \"n\")", 0)).Value).Values.ToArray()
            .Should().Equal(Enumerable.Range(0, 50).Select(static i => (double)i));
        ((VectorResult)(await runner.RunInstant("sort_by_label_desc(m, \"n\")", 0)).Value).Values.ToArray()
            .Should().Equal(Enumerable.Range(0, 50).Select(static i => (double)(49 - i)));
    }

    [Theory]
    [InlineData("label_replace(m, \"d\", \"x-$1\", \"n\", \"(.)\")", "{__name__=\"m\", d=\"x-1\", n=\"1\"} 1")]
    [InlineData("label_replace(m, \"d\", \"${k}\", \"n\", \"(?P<k>.)\")", "{__name__=\"m\", d=\"1\", n=\"1\"} 1")]
    [InlineData("label_replace(m, \"n\", \"\", \"n\", \"1\")", "{__name__=\"m\"} 1")]
    [InlineData("label_replace(m, \"d\", \"x\", \"n\", \"2\")", "{__name__=\"m\", n=\"1\"} 1")]
    [InlineData("label_replace(m, \"d\", \"x\", \"missing\", \"\")", "{__name__=\"m\", d=\"x\", n=\"1\"} 1")]
    [InlineData("label_replace(m, \"__name__\", \"new\", \"n\", \".*\")", "{__name__=\"new\", n=\"1\"} 1")]
    [InlineData("label_join(m, \"d\", \"-\", \"n\", \"none\", \"n\")", "{__name__=\"m\", d=\"1--1\", n=\"1\"} 1")]
    [InlineData("label_join(m, \"n\", \"-\")", "{__name__=\"m\"} 1")]
    [InlineData("label_join(abs(m), \"__name__\", \"\", \"n\")", "{__name__=\"1\", n=\"1\"} 1")]
    public async Task LabelFunctions_ChangeLabels(string query, string expected) =>
        (await Runner("m{n=\"1\"} 1").Instant(query, 0)).Should().Be(expected);

    [Theory]
    [InlineData("label_replace(m, \"d\", \"\", \"n\", \"(\")", "invalid regular expression in label_replace(): (")]
    [InlineData("label_replace(m, \"\", \"\", \"n\", \"\")", "invalid destination label name in label_replace(): ")]
    [InlineData("label_join(m, \"\", \"\", \"n\")", "invalid destination label name in label_join(): ")]
    [InlineData("label_join(m, \"d\", \"\", \"\")", "invalid source label name in label_join(): ")]
    [InlineData("label_replace({__name__=~\"m|o\"}, \"n\", \"x\", \"\", \"\") * 1",
        "vector cannot contain metrics with the same labelset")]
    [InlineData("label_join(m, \"n\", \"\")", "vector cannot contain metrics with the same labelset")]
    public async Task LabelFunctions_Fail_WhenNamesOrPatternsAreWrong(string query, string error)
    {
        var act = () => Runner("m{n=\"1\"} 1", "m{n=\"2\"} 1", "o{n=\"1\"} 1").Instant(query, 0);
        (await act.Should().ThrowAsync<QueryException>()).Which.Message.Should().Be(error);
    }

    [Fact]
    public async Task LabelReplace_MergesCollidingSeries_WhenTheyAlternate() =>
        (await Runner("m{n=\"1\"} 1 stale 3", "m{n=\"2\"} stale 2 stale").Range(
            "label_replace(m, \"n\", \"x\", \"n\", \".\")", 0, 2 * Minute, Minute)).Should()
            .Be("{__name__=\"m\", n=\"x\"} 1@0 2@60000 3@120000");
}
