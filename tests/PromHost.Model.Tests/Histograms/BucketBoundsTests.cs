namespace PromHost.Model.Tests;

public sealed class BucketBoundsTests
{
    // Facts of Prometheus's tables and of its special cases at the ends.
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, -3, 0.125)]
    [InlineData(0, 1024, double.MaxValue)]
    [InlineData(0, 1025, double.PositiveInfinity)]
    [InlineData(-4, 1, 65536)]
    [InlineData(-4, 64, double.MaxValue)]
    [InlineData(-4, 65, double.PositiveInfinity)]
    [InlineData(-4, int.MaxValue, double.PositiveInfinity)]
    [InlineData(-4, int.MinValue, 0)]
    [InlineData(1, -1, 0.7071067811865475)]
    [InlineData(8, -255, 0.5013556375251013)]
    [InlineData(8, -1, 0.9972960560854698)]
    [InlineData(3, 8192, double.MaxValue)]
    [InlineData(3, 8200, double.PositiveInfinity)]
    [InlineData(0, -1074, double.Epsilon)]
    [InlineData(0, -1080, 0)]
    public void UpperOfExponential_IsThatOfPrometheus(int schema, int index, double expected) =>
        BucketBounds.UpperOfExponential(schema, index).Should().Be(expected);

    [Fact]
    public void UpperOfExponential_Ascends()
    {
        foreach (var schema in Enumerable.Range(-4, 13))
        {
            var last = schema >= 0 ? 1024 << schema : 1024 >> -schema;
            for (var index = -last + 1; index <= last; index++)
            {
                BucketBounds.UpperOfExponential(schema, index)
                    .Should().BeGreaterThan(BucketBounds.UpperOfExponential(schema, index - 1));
                if (schema > 0 && index > -last + 9) index += 61;
            }
        }
    }

    [Theory]
    [InlineData(-1, double.NegativeInfinity)]
    [InlineData(0, 1.5)]
    [InlineData(1, 3)]
    [InlineData(2, double.PositiveInfinity)]
    public void UpperOf_TakesCustomBounds(int index, double expected) =>
        BucketBounds.UpperOf(NativeHistogram.CustomBucketsSchema, index, [1.5, 3]).Should().Be(expected);
}
