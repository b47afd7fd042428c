namespace PromHost.PromQL.Tests;

public sealed class OrderStatisticsTests
{
    [Fact]
    public void Quantile_IsThatOfTheSortedValues()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var values = new double[1 + random.Next(seed % 3 == 0 ? 5 : 300)];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = random.Next(20) switch
                {
                    0 => double.NaN,
                    1 => double.PositiveInfinity,
                    2 => double.NegativeInfinity,
                    < 12 => random.Next(5),
                    _ => random.NextDouble(),
                };
            }

            if (seed % 5 == 0) Array.Sort(values);
            var quantile = random.Next(4) switch
            {
                0 => 0,
                1 => 1,
                _ => random.NextDouble(),
            };
            var expected = OfSorted(quantile, values);
            OrderStatistics.Quantile(quantile, values).Should().Be(expected, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(-0.1, double.NegativeInfinity)]
    [InlineData(1.1, double.PositiveInfinity)]
    public void Quantile_IsNoValue_WhenItIsOutOfRange(double quantile, double expected) =>
        OrderStatistics.Quantile(quantile, [1, 2, 3]).Should().Be(expected);

    [Fact]
    public void Quantile_IsNaN_WhenThereIsNoValue() => OrderStatistics.Quantile(0.5, []).Should().Be(double.NaN);

    private static double OfSorted(double quantile, double[] values)
    {
        var sorted = values.Order().ToArray();
        var rank = quantile * (sorted.Length - 1);
        var lower = (int)Math.Floor(rank);
        var upper = Math.Min(sorted.Length - 1, lower + 1);
        var weight = rank - Math.Floor(rank);
        return sorted[lower] * (1 - weight) + sorted[upper] * weight;
    }
}
