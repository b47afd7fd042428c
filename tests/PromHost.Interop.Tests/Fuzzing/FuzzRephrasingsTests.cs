namespace PromHost.Interop.Tests;

public sealed class FuzzRephrasingsTests
{
    [Theory]
    [InlineData("rate(g[5m])")]
    [InlineData("histogram_fraction(0, 1, h)")]
    [InlineData("sum(g) + count(h)")]
    public void Of_IsEmpty_WhenNothingHasChanged(string query) => FuzzRephrasings.Of(query).Should().BeEmpty();

    [Theory]
    [InlineData(
        "abs(histogram_fraction(0, 2, k))",
        "abs(histogram_fraction(0, 2, (k * 1 or label_replace(0 * max without (le) (k), \"le\", \"0\", \"\", \"\"))))")]
    [InlineData("histogram_count(h)", "nothing or (histogram_count(h))")]
    public void Of_SaysItInOldWords_WhenItHasChanged(string query, string expected) =>
        FuzzRephrasings.Of(query).Should().ContainSingle().Which.Query.Should().Be(expected);

    [Fact]
    public void Of_EndsWithAllChanges_WhenThereAreSeveral() =>
        FuzzRephrasings.Of("histogram_fraction(0, 2, b_bucket) + histogram_sum(h)").Select(static other => other.Query)
            .Should().Equal(
                $"histogram_fraction(0, 2, {WithZero("b_bucket")}) + histogram_sum(h)",
                "nothing or (histogram_fraction(0, 2, b_bucket) + histogram_sum(h))",
                $"nothing or (histogram_fraction(0, 2, {WithZero("b_bucket")}) + histogram_sum(h))");

    [Fact]
    public void Of_ReplacesInnerCallsToo_WhenTheyAreNested()
    {
        var inner = Mad("x[1m]");
        FuzzRephrasings.Of("1 - mad_over_time((mad_over_time(x[1m]))[5m:])").Single().Query.Should().Be(
            $"1 - {Mad($"({inner})[5m:]")}");
    }

    [Theory]
    [InlineData("last_over_time((g + 1)[4m:])", "(last_over_time((g + 1)[4m:]) * 1)")]
    [InlineData("abs(last_over_time((-g)[6m:30s] offset 1m))", "abs((last_over_time((-g)[6m:30s] offset 1m) * 1))")]
    public void Of_DropsNames_WhenTheyAreDroppedInASubqueryLater(string query, string expected)
    {
        FuzzRephrasings.Of(query).Should().BeEmpty();
        FuzzRephrasings.Of(query, isAboutNames: true).Should().ContainSingle().Which.Query.Should().Be(expected);
        FuzzRephrasings.Of("last_over_time(g[4m])", isAboutNames: true).Should().BeEmpty();
    }

    private static string WithZero(string buckets) =>
        $"({buckets} * 1 or label_replace(0 * max without (le) ({buckets}), \"le\", \"0\", \"\", \"\"))";

    private static string Mad(string range) =>
        $"(mad_over_time({range}) + 0 * (clamp(quantile_over_time(0, {range}), -1, 1) >= -1 or " +
        $"clamp(sum_over_time({range}), -1, 1)))";
}
