namespace PromHost.PromQL.Tests;

public sealed class BinaryOperatorsTests
{
    private const long Minute = 60_000;

    private static QueryRunner Runner(params ReadOnlySpan<string> lines) =>
        new(new InMemoryQuerySource().Load(Minute, lines));

    [Theory]
    [InlineData("7 + 2", "9")]
    [InlineData("7 - 2", "5")]
    [InlineData("7 * 2", "14")]
    [InlineData("7 / 2", "3.5")]
    [InlineData("7 / 0", "+Inf")]
    [InlineData("0 / 0", "NaN")]
    [InlineData("7 % 2", "1")]
    [InlineData("-7 % 2", "-1")]
    [InlineData("7 % -2", "1")]
    [InlineData("7 % 0", "NaN")]
    [InlineData("-6 % 3", "-0")]
    [InlineData("7 % Inf", "7")]
    [InlineData("2 ^ 10", "1024")]
    [InlineData("(-2) ^ 3", "-8")]
    [InlineData("(-2) ^ 0.5", "NaN")]
    [InlineData("NaN ^ 0", "1")]
    [InlineData("1 ^ NaN", "1")]
    [InlineData("(-1) ^ Inf", "1")]
    [InlineData("0 ^ -1", "+Inf")]
    [InlineData("(0 * -1) ^ -1", "-Inf")]
    [InlineData("(0 * -1) ^ -2", "+Inf")]
    [InlineData("0 atan2 (0 * -1)", "3.141592653589793")]
    [InlineData("1 == bool 1", "1")]
    [InlineData("1 != bool 1", "0")]
    [InlineData("2 > bool 1", "1")]
    [InlineData("2 < bool 1", "0")]
    [InlineData("1 >= bool 1", "1")]
    [InlineData("2 <= bool 1", "0")]
    [InlineData("NaN == bool NaN", "0")]
    [InlineData("NaN != bool NaN", "1")]
    [InlineData("-(3)", "-3")]
    [InlineData("+(3)", "3")]
    public async Task Create_CombinesScalars(string query, string expected) =>
        (await Runner().Instant(query, 0)).Should().Be(expected);

    [Theory]
    [InlineData("m + 1", "{n=\"1\"} 2\n{n=\"2\"} 3\n{n=\"3\"} NaN")]
    [InlineData("1 - m", "{n=\"1\"} 0\n{n=\"2\"} -1\n{n=\"3\"} NaN")]
    [InlineData("m * 2", "{n=\"1\"} 2\n{n=\"2\"} 4\n{n=\"3\"} NaN")]
    [InlineData("2 / m", "{n=\"1\"} 2\n{n=\"2\"} 1\n{n=\"3\"} NaN")]
    [InlineData("m % 2", "{n=\"1\"} 1\n{n=\"2\"} 0\n{n=\"3\"} NaN")]
    [InlineData("2 ^ m", "{n=\"1\"} 2\n{n=\"2\"} 4\n{n=\"3\"} NaN")]
    [InlineData("m > 1", "{__name__=\"m\", n=\"2\"} 2")]
    [InlineData("1 < m", "{__name__=\"m\", n=\"2\"} 2")]
    [InlineData("m != 1", "{__name__=\"m\", n=\"2\"} 2\n{__name__=\"m\", n=\"3\"} NaN")]
    [InlineData("1 == m", "{__name__=\"m\", n=\"1\"} 1")]
    [InlineData("m > bool 1", "{n=\"1\"} 0\n{n=\"2\"} 1\n{n=\"3\"} 0")]
    [InlineData("1 >= bool m", "{n=\"1\"} 1\n{n=\"2\"} 0\n{n=\"3\"} 0")]
    [InlineData("-m", "{n=\"1\"} -1\n{n=\"2\"} -2\n{n=\"3\"} NaN")]
    [InlineData("+m > 1", "{__name__=\"m\", n=\"2\"} 2")]
    public async Task Create_CombinesVectorAndScalar(string query, string expected) =>
        (await Runner("m{n=\"1\"} 1", "m{n=\"2\"} 2", "m{n=\"3\"} NaN").Instant(query, 0)).Should().Be(expected);

    [Fact]
    public async Task Create_TakesTheScalarStepByStep()
    {
        var runner = Runner("m 1 2 3", "s 2 2 2");
        (await runner.Range("m < scalar(s)", 0, 2 * Minute, Minute)).Should().Be("{__name__=\"m\"} 1@0");
        (await runner.Range("m * time()", 0, 2 * Minute, Minute)).Should().Be("{} 0@0 120@60000 360@120000");
    }

    [Theory]
    [InlineData("a + b", "{n=\"1\"} 11\n{n=\"2\"} 22")]
    [InlineData("a - on (n) b", "{n=\"1\"} -9\n{n=\"2\"} -18")]
    [InlineData("a > b", "")]
    [InlineData("b > a", "{__name__=\"b\", n=\"1\"} 10\n{__name__=\"b\", n=\"2\"} 20")]
    [InlineData("b > on (n) a", "{n=\"1\"} 10\n{n=\"2\"} 20")]
    [InlineData("b > bool a", "{n=\"1\"} 1\n{n=\"2\"} 1")]
    [InlineData("b < bool a", "{n=\"1\"} 0\n{n=\"2\"} 0")]
    [InlineData("a + on (n) group_left c", "{n=\"1\"} 101\n{n=\"2\"} 202")]
    [InlineData("a + on (n) group_left (x) c", "{n=\"1\", x=\"p\"} 101\n{n=\"2\", x=\"q\"} 202")]
    [InlineData("a < on (n) group_left (x) c",
        "{__name__=\"a\", n=\"1\", x=\"p\"} 1\n{__name__=\"a\", n=\"2\", x=\"q\"} 2")]
    [InlineData("c - on (n) group_right (x) a", "{n=\"1\", x=\"p\"} 99\n{n=\"2\", x=\"q\"} 198")]
    [InlineData("c > on (n) group_right (x) a",
        "{__name__=\"a\", n=\"1\", x=\"p\"} 100\n{__name__=\"a\", n=\"2\", x=\"q\"} 200")]
    [InlineData("a * ignoring (x) c", "{n=\"1\"} 100\n{n=\"2\"} 400")]
    [InlineData("a + nothing", "")]
    [InlineData("nothing + a", "")]
    [InlineData("a + on (n) group_left (__name__) c", "{__name__=\"c\", n=\"1\"} 101\n{__name__=\"c\", n=\"2\"} 202")]
    public async Task Create_JoinsVectors(string query, string expected) =>
        (await Runner(
            "a{n=\"1\"} 1", "a{n=\"2\"} 2", "a{n=\"3\"} 3",
            "b{n=\"1\"} 10", "b{n=\"2\"} 20", "b{n=\"4\"} 40",
            "c{n=\"1\", x=\"p\"} 100", "c{n=\"2\", x=\"q\"} 200").Instant(query, 0)).Should().Be(expected);

    [Theory]
    [InlineData("a and b", "{__name__=\"a\", n=\"1\"} 1")]
    [InlineData("a unless b", "{__name__=\"a\", n=\"2\"} 2")]
    [InlineData("a or b", "{__name__=\"a\", n=\"1\"} 1\n{__name__=\"a\", n=\"2\"} 2\n{__name__=\"b\", n=\"3\"} 30")]
    [InlineData("a or on () b", "{__name__=\"a\", n=\"1\"} 1\n{__name__=\"a\", n=\"2\"} 2")]
    [InlineData("a and on () b", "{__name__=\"a\", n=\"1\"} 1\n{__name__=\"a\", n=\"2\"} 2")]
    [InlineData("a unless on () b", "")]
    [InlineData("a and ignoring (n) b", "{__name__=\"a\", n=\"1\"} 1\n{__name__=\"a\", n=\"2\"} 2")]
    [InlineData("a and nothing", "")]
    [InlineData("a unless nothing", "{__name__=\"a\", n=\"1\"} 1\n{__name__=\"a\", n=\"2\"} 2")]
    [InlineData("nothing or b", "{__name__=\"b\", n=\"1\"} 10\n{__name__=\"b\", n=\"3\"} 30")]
    public async Task Create_CombinesSets(string query, string expected) =>
        (await Runner("a{n=\"1\"} 1", "a{n=\"2\"} 2", "b{n=\"1\"} 10", "b{n=\"3\"} 30").Instant(query, 0))
            .Should().Be(expected);

    [Fact]
    public async Task Create_MatchesStepByStep_WhenSetsAlternate()
    {
        var runner = Runner("a 1 1 1 1", "b{x=\"1\"} 5 stale stale 5", "b{x=\"2\"} stale 6 stale 6");
        (await runner.Range("a and on () b", 0, 3 * Minute, Minute)).Should()
            .Be("{__name__=\"a\"} 1@0 1@60000 1@180000");
        (await runner.Range("a unless on () b", 0, 3 * Minute, Minute)).Should().Be("{__name__=\"a\"} 1@120000");
        (await runner.Range("b or on () a", 0, 3 * Minute, Minute)).Should().Be(
            "{__name__=\"a\"} 1@120000\n{__name__=\"b\", x=\"1\"} 5@0 5@180000\n" +
            "{__name__=\"b\", x=\"2\"} 6@60000 6@180000");
    }

    [Fact]
    public async Task Or_MergesEqualLabels_WhenTheyAlternate() =>
        (await Runner("m 1 stale 3", "n 7 8 9").Range("abs(m) or abs(n)", 0, 2 * Minute, Minute)).Should()
            .Be("{} 1@0 8@60000 3@120000");

    [Fact]
    public async Task Join_FindsPartnersStepByStep_WhenTheyAlternate()
    {
        var runner = Runner(
            "a 1 1 1", "b{x=\"1\"} 10 stale 10", "b{x=\"2\"} stale 20 stale", "c{x=\"1\"} 1 stale", "c{x=\"2\"} _ 2");
        (await runner.Range("a + on () b", 0, 2 * Minute, Minute)).Should().Be("{} 11@0 21@60000 11@120000");
        (await runner.Range("b - on () a", 0, 2 * Minute, Minute)).Should().Be("{} 9@0 19@60000 9@120000");
        (await runner.Range("b - on () c", 0, Minute, Minute)).Should().Be("{} 9@0 18@60000");
        (await runner.Range("a + on () group_left (x) b", 0, 2 * Minute, Minute)).Should()
            .Be("{x=\"1\"} 11@0 11@120000\n{x=\"2\"} 21@60000");
        (await runner.Range("b > on () group_right (x) a", 0, 2 * Minute, Minute)).Should()
            .Be("{__name__=\"a\", x=\"1\"} 10@0 10@120000\n{__name__=\"a\", x=\"2\"} 20@60000");
    }

    [Theory]
    [InlineData("a + on () b",
        "found duplicate series for the match group {} on the right hand-side of the operation: " +
        "[{__name__=\"b\", x=\"1\"}, {__name__=\"b\", x=\"2\"}];many-to-many matching not allowed: " +
        "matching labels must be unique on one side")]
    [InlineData("b + on () group_right a",
        "found duplicate series for the match group {} on the left hand-side of the operation: " +
        "[{__name__=\"b\", x=\"1\"}, {__name__=\"b\", x=\"2\"}];many-to-many matching not allowed: " +
        "matching labels must be unique on one side")]
    [InlineData("a + ignoring (x, y) b",
        "found duplicate series for the match group {} on the right hand-side of the operation: " +
        "[{__name__=\"b\", x=\"1\"}, {__name__=\"b\", x=\"2\"}];many-to-many matching not allowed: " +
        "matching labels must be unique on one side")]
    [InlineData("b + on () a",
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")]
    [InlineData("b > on () a",
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")]
    [InlineData("b < on () a",
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)")]
    [InlineData("{x=~\".+\"} + on () group_left a",
        "multiple matches for labels: grouping labels must ensure unique matches")]
    [InlineData("-{x=~\".+\"}", "vector cannot contain metrics with the same labelset")]
    [InlineData("{x=~\".+\"} + 1", "vector cannot contain metrics with the same labelset")]
    public async Task Create_Fails_WhenSeriesMeet(string query, string error)
    {
        var runner = Runner("a 1 1 1", "b{x=\"1\"} 10 stale 10", "b{x=\"2\"} stale 20 20", "c{x=\"1\"} 1 1 1");
        var instant = () => runner.Instant(query, 2 * Minute);
        (await instant.Should().ThrowAsync<QueryException>()).Which.Message.Should().Be(error);
        var range = () => runner.Range(query, 0, 2 * Minute, Minute);
        (await range.Should().ThrowAsync<QueryException>()).Which.Kind.Should().Be(QueryErrorKind.Execution);
    }

    [Theory]
    [InlineData("(a + on () b) + nothing")]
    [InlineData("(a + on () b) and nothing")]
    [InlineData("sum(a + on () b) or a")]
    [InlineData("label_replace(a + on () b or c, \"z\", \"\", \"\", \"\")")]
    [InlineData("(a + on () b) > on (nope) group_left nothing")]
    [InlineData("histogram_quantile(0.5, (a + on () b))")]
    [InlineData("info((a + on () b), {none=~\".+\"})")]
    [InlineData("abs(-(a + on () b) or a * 1)")]
    public async Task Join_TellsOfDuplicates_WhateverStandsAround(string query)
    {
        var runner = Runner("a 1", "b{x=\"1\"} 10", "b{x=\"2\"} 20", "c 1");
        var act = () => runner.Instant(query, 0);
        (await act.Should().ThrowAsync<QueryException>()).Which.Message.Should().StartWith("found duplicate series");
    }

    [Fact]
    public async Task Join_AllowsDuplicates_WhereTheOtherSideIsEmpty()
    {
        var runner = Runner("a stale stale 1", "b{x=\"1\"} 10 10 10", "b{x=\"2\"} 20 20 stale");
        (await runner.Range("a + on () b", 0, 2 * Minute, Minute)).Should().Be("{} 11@120000");
        (await runner.Instant("a + on () b", 0)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("a + fill (0) b", "{n=\"1\"} 11\n{n=\"2\"} 2\n{n=\"3\"} 30")]
    [InlineData("a + fill_right (5) b", "{n=\"1\"} 11\n{n=\"2\"} 7")]
    [InlineData("a - fill_left (5) b", "{n=\"1\"} -9\n{n=\"3\"} -25")]
    [InlineData("a + fill (0) nothing", "{n=\"1\"} 1\n{n=\"2\"} 2")]
    [InlineData("a + on (n) group_left (x) fill_right (1) c", "{n=\"1\", x=\"p\"} 101\n{n=\"2\"} 3")]
    public async Task Create_FillsMissingPartners(string query, string expected)
    {
        var source = new InMemoryQuerySource().Load(
            Minute, "a{n=\"1\"} 1", "a{n=\"2\"} 2", "b{n=\"1\"} 10", "b{n=\"3\"} 30", "c{n=\"1\", x=\"p\"} 100");
        var runner = new QueryRunner(source) { Features = new QueryFeatures { BinopFillModifiers = true } };
        (await runner.Instant(query, 0)).Should().Be(expected);
    }

    [Fact]
    public async Task Fill_StandsInStepByStep()
    {
        var source = new InMemoryQuerySource().Load(Minute, "a 1 stale 3", "b stale 20 30");
        var runner = new QueryRunner(source) { Features = new QueryFeatures { BinopFillModifiers = true } };
        (await runner.Range("a + fill (100) b", 0, 2 * Minute, Minute)).Should().Be("{} 101@0 120@60000 33@120000");
    }

    [Fact]
    public async Task Create_Informs_WhenTheOperatorIsForHistogramsOnly()
    {
        var result = await Runner("m 1").RunInstant("m </ 3", 0);
        result.Infos.Should().Equal(
            "PromQL info: incompatible sample types encountered for binary operator \"</\": float </ float (1:1)");
        ((VectorResult)result.Value).Count.Should().Be(0);
    }

    [Theory]
    [InlineData("m + 1", "{n=\"1\"} 2")]
    [InlineData("m > 0", "{__name__=\"m\", n=\"1\"} 1")]
    [InlineData("m > bool 0", "{n=\"1\"} 1")]
    [InlineData("-m", "{n=\"1\"} -1")]
    [InlineData("label_replace(m + 1, \"n\", \"$1\", \"__name__\", \"(.*)\")", "{n=\"m\"} 2")]
    [InlineData("sum by (__name__) (m + 1)", "{} 2")]
    public async Task Create_DropsNamesAtTheEnd_WhenRemovalIsDelayed(string query, string expected)
    {
        var source = new InMemoryQuerySource().Load(Minute, "m{n=\"1\"} 1");
        var runner = new QueryRunner(source) { Features = new QueryFeatures { DelayedNameRemoval = true } };
        (await runner.Instant(query, 0)).Should().Be(expected);
    }
}
