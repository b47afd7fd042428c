namespace PromHost.PromQL.Tests;

public sealed class HistogramPairsTests
{
    private const long Minute = 60_000;
    private const string One = "{{count:1 sum:1 buckets:[1]}}";
    private const string Two = "{{count:2 sum:2 buckets:[2]}}";
    private const string Custom = "{{schema:-53 count:1 sum:1 custom_values:[5] buckets:[1]}}";

    // At the steps: two floats, two histograms, histogram and float, float and histogram, two layouts.
    private static QueryRunner Pairs() => Runner(
        $"a{{n=\"1\"}} 6 {Two} {Two} 3 {One}",
        $"b{{n=\"1\"}} 2 {One} 2 {Two} {Custom}");

    private static QueryRunner Runner(params ReadOnlySpan<string> lines) =>
        new(new InMemoryQuerySource().Load(Minute, lines))
        {
            Limits = new QueryLimits { LookbackDelta = TimeSpan.FromMinutes(1) },
        };

    [Theory]
    [InlineData("a + b", "{n=\"1\"} 8@0 {{count:3 sum:3 buckets:[3]}}@60000")]
    [InlineData("a - b", "{n=\"1\"} 4@0 {{count:1 sum:1 counter_reset_hint:gauge buckets:[1]}}@60000")]
    [InlineData("a * b",
        "{n=\"1\"} 12@0 {{count:4 sum:4 buckets:[4]}}@120000 {{count:6 sum:6 buckets:[6]}}@180000")]
    [InlineData("a / b", "{n=\"1\"} 3@0 {{count:1 sum:1 buckets:[1]}}@120000")]
    [InlineData("a % b", "{n=\"1\"} 0@0")]
    [InlineData("a ^ b", "{n=\"1\"} 36@0")]
    [InlineData("a > b", "{__name__=\"a\", n=\"1\"} 6@0")]
    [InlineData("a != b",
        "{__name__=\"a\", n=\"1\"} 6@0 {{count:2 sum:2 buckets:[2]}}@60000 {{count:1 sum:1 buckets:[1]}}@240000")]
    [InlineData("a == b", "")]
    [InlineData("a == a",
        "{__name__=\"a\", n=\"1\"} 6@0 3@180000 {{count:2 sum:2 buckets:[2]}}@60000 " +
        "{{count:2 sum:2 buckets:[2]}}@120000 {{count:1 sum:1 buckets:[1]}}@240000")]
    [InlineData("a == bool b", "{n=\"1\"} 0@0 0@60000 0@240000")]
    [InlineData("a </ b", "{__name__=\"a\", n=\"1\"} {{count:2 sum:2 buckets:[2]}}@120000")]
    [InlineData("a >/ b", "{__name__=\"a\", n=\"1\"} {{}}@120000")]
    [InlineData("-a",
        "{n=\"1\"} -6@0 -3@180000 {{count:-2 sum:-2 counter_reset_hint:gauge buckets:[-2]}}@60000 " +
        "{{count:-2 sum:-2 counter_reset_hint:gauge buckets:[-2]}}@120000 " +
        "{{count:-1 sum:-1 counter_reset_hint:gauge buckets:[-1]}}@240000")]
    [InlineData("a and b > 1", "{__name__=\"a\", n=\"1\"} 6@0 {{count:2 sum:2 buckets:[2]}}@120000")]
    [InlineData("a unless b > 1",
        "{__name__=\"a\", n=\"1\"} 3@180000 {{count:2 sum:2 buckets:[2]}}@60000 {{count:1 sum:1 buckets:[1]}}@240000")]
    [InlineData("(a > 5) or on() b",
        "{__name__=\"a\", n=\"1\"} 6@0\n{__name__=\"b\", n=\"1\"} 2@120000 {{count:1 sum:1 buckets:[1]}}@60000 " +
        "{{count:2 sum:2 buckets:[2]}}@180000 " +
        "{{schema:-53 count:1 sum:1 custom_values:[5] buckets:[1]}}@240000")]
    public async Task Operation_TakesWhatTheStepHas_WhenTypesAlternate(string query, string expected) =>
        (await Pairs().Range(query, 0, 4 * Minute, Minute)).Should().Be(expected);

    [Theory]
    [InlineData("a + b", "+: histogram + float|+: float + histogram")]
    [InlineData("a * b", "*: histogram * histogram")]
    [InlineData("a / b", "/: histogram / histogram|/: float / histogram")]
    [InlineData("a atan2 b", "atan2: histogram atan2 histogram|atan2: histogram atan2 float|" +
        "atan2: float atan2 histogram")]
    [InlineData("a >= bool b", ">=: histogram >= histogram|>=: histogram >= float|>=: float >= histogram")]
    [InlineData("a </ b", "</: float </ float|</: histogram </ histogram|</: float </ histogram")]
    [InlineData("a * 2", "")]
    [InlineData("2 / a", "/: float / histogram")]
    [InlineData("a - 2", "-: histogram - float")]
    [InlineData("a == 2", "==: histogram == float")]
    [InlineData("a </ 2", "</: float </ float")]
    [InlineData("2 >/ a", ">/: float >/ float|>/: float >/ histogram")]
    public async Task Operation_SaysWhatDoesNotGoTogether_OnceEach(string query, string expected)
    {
        var result = await Pairs().RunRange(query, 0, 4 * Minute, Minute);
        result.Infos.Should().BeEquivalentTo(expected.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(text =>
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return $"PromQL info: incompatible sample types encountered for binary operator \"{text[..colon]}\"" +
                $"{text[colon..]} (1:1)";
        }));
    }

    [Fact]
    public async Task Operation_TellsTheLastPairOnly_WhenSeveralOfOneStepDoNotFit()
    {
        var runner = Runner(
            $"a{{n=\"1\"}} 1 {One}", $"a{{n=\"2\"}} {One} 1", $"b{{n=\"1\"}} {One} 1", "b{n=\"2\"} 1 1");
        var result = await runner.RunInstant("a + b", 0);
        result.Infos.Should().ContainSingle().Which.Should().Contain(": histogram + float (");
    }

    [Fact]
    public async Task Addition_Warns_WhenBucketLayoutsDiffer()
    {
        var result = await Pairs().RunInstant("a + b", 4 * Minute);
        QueryRunner.Write(result.Value).Should().BeEmpty();
        result.Warnings.Should().Equal(
            "PromQL warning: incompatible bucket layout encountered for binary operator + (1:1)");
    }

    [Theory]
    [InlineData("a + b", "addition")]
    [InlineData("a - b", "subtraction")]
    public async Task Addition_HasNoResult_WhenHintsContradictEachOther(string query, string operation)
    {
        var runner = Runner(
            "a {{count:2 sum:2 counter_reset_hint:reset buckets:[2]}}",
            "b {{count:1 sum:1 counter_reset_hint:not_reset buckets:[1]}}");
        var result = await runner.RunInstant(query, 0);
        QueryRunner.Write(result.Value).Should().BeEmpty();
        result.Warnings.Should().Equal(
            $"PromQL warning: conflicting counter resets during histogram {operation} (1:1)");
    }

    [Fact]
    public async Task Addition_ReconcilesCustomBounds_AndSaysSo()
    {
        var runner = Runner(
            "a {{schema:-53 count:2 sum:2 custom_values:[5 10] buckets:[1 1]}}",
            "b {{schema:-53 count:4 sum:4 custom_values:[5] buckets:[1 3]}}");
        var result = await runner.RunInstant("a + b", 0);
        QueryRunner.Write(result.Value).Should().Be("{} {{schema:-53 count:6 sum:6 custom_values:[5] buckets:[2 4]}}");
        result.Infos.Should().Equal("PromQL info: mismatched custom buckets were reconciled during addition (1:1)");
    }

    [Fact]
    public async Task Join_FindsThePartnerOfEachStep_WhenHistogramsAndFloatsAlternate()
    {
        var runner = Runner(
            $"a{{n=\"1\"}} {One} _ 3",
            $"a{{n=\"2\"}} _ {Two} {Two}",
            "f{v=\"x\"} 2 _ 4",
            $"f{{v=\"y\"}} _ {One} _");
        (await runner.Range("a * on() group_left(v) f", 0, 2 * Minute, Minute)).Should().Be(
            "{n=\"1\", v=\"x\"} 12@120000 {{count:2 sum:2 buckets:[2]}}@0\n" +
            "{n=\"2\", v=\"x\"} {{count:8 sum:8 buckets:[8]}}@120000");
        (await runner.Range("f * on() group_right(v) a", 0, 2 * Minute, Minute)).Should().Be(
            "{n=\"1\", v=\"x\"} 12@120000 {{count:2 sum:2 buckets:[2]}}@0\n" +
            "{n=\"2\", v=\"x\"} {{count:8 sum:8 buckets:[8]}}@120000");
    }

    [Fact]
    public async Task Join_IsNoDuplicate_WhenOneOfThePairsDoesNotFit()
    {
        // Both series of the left side meet the histogram; only one of them makes a sum.
        var runner = Runner($"a{{n=\"1\"}} {One}", "a{n=\"2\"} 1", $"b {Two}");
        (await runner.Instant("a + on() b", 0)).Should().Be("{} {{count:3 sum:3 buckets:[3]}}");
    }

    [Fact]
    public async Task Join_TakesTheFillValue_WhenTheOnlyPairDoesNotFit()
    {
        var runner = new QueryRunner(new InMemoryQuerySource().Load(
            Minute, $"a{{n=\"1\"}} 1 {One} _", $"b{{n=\"1\"}} {Two} {Two} {Two}"))
        {
            Features = new QueryFeatures { ExperimentalFunctions = true, BinopFillModifiers = true },
            Limits = new QueryLimits { LookbackDelta = TimeSpan.FromMinutes(1) },
        };
        (await runner.Range("a + fill_left(0) b", 0, 2 * Minute, Minute)).Should().Be(
            "{n=\"1\"} {{count:3 sum:3 buckets:[3]}}@60000");
        (await runner.Range("a * fill_left(3) b", 0, 2 * Minute, Minute)).Should().Be(
            "{n=\"1\"} {{count:2 sum:2 buckets:[2]}}@0 {{count:6 sum:6 buckets:[6]}}@60000 " +
            "{{count:6 sum:6 buckets:[6]}}@120000");
    }
}
