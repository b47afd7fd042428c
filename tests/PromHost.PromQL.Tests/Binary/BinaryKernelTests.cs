namespace PromHost.PromQL.Tests;

public sealed class BinaryKernelTests
{
    [Theory]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData("*")]
    [InlineData("/")]
    [InlineData("%")]
    [InlineData("^")]
    [InlineData("atan2")]
    [InlineData("== bool")]
    [InlineData("!= bool")]
    [InlineData("> bool")]
    [InlineData("< bool")]
    [InlineData(">= bool")]
    [InlineData("<= bool")]
    public void Apply_GivesTheBitsOfTheScalarOperation(string symbol)
    {
        var expression = (BinaryExpression)Parser.ParseExpression($"1 {symbol} 2");
        var kernel = BinaryKernel.For(expression, returnsBool: true);
        var random = new Random(3);
        var left = Values(random);
        var right = Values(random);
        var result = new double[left.Length];
        var presence = new ulong[PresenceBits.WordCount(left.Length)];
        for (var i = 0; i < left.Length; i++) PresenceBits.Set(presence, i);
        kernel.Apply(left, right, result, presence);
        for (var i = 0; i < left.Length; i++)
        {
            var expected = Plain(expression.Operator, left[i], right[i]);
            if (double.IsNaN(expected)) result[i].Should().Be(double.NaN);
            else BitConverter.DoubleToInt64Bits(result[i]).Should().Be(BitConverter.DoubleToInt64Bits(expected));
        }
    }

    [Fact]
    public void Apply_TakesPointsAway_WhenAComparisonFilters()
    {
        var expression = (BinaryExpression)Parser.ParseExpression("m > 2");
        var kernel = BinaryKernel.For(expression, returnsBool: false);
        var random = new Random(4);
        var left = Values(random);
        var right = Values(random);
        var presence = new ulong[PresenceBits.WordCount(left.Length)];
        for (var i = 0; i < left.Length; i += 3) PresenceBits.Set(presence, i);
        kernel.WritesValues.Should().BeFalse();
        kernel.Apply(left, right, left, presence);
        for (var i = 0; i < left.Length; i++)
            PresenceBits.Has(presence, i).Should().Be(i % 3 == 0 && left[i] > right[i]);
    }

    private static double Plain(BinaryOperator operation, double left, double right) => operation switch
    {
        BinaryOperator.Add => left + right,
        BinaryOperator.Subtract => left - right,
        BinaryOperator.Multiply => left * right,
        BinaryOperator.Divide => left / right,
        BinaryOperator.Modulo => left % right,
        BinaryOperator.Power => Math.Pow(left, right),
        BinaryOperator.Atan2 => Math.Atan2(left, right),
        BinaryOperator.Equal => left == right ? 1 : 0,
        BinaryOperator.NotEqual => left != right ? 1 : 0,
        BinaryOperator.Greater => left > right ? 1 : 0,
        BinaryOperator.Less => left < right ? 1 : 0,
        BinaryOperator.GreaterOrEqual => left >= right ? 1 : 0,
        _ => left <= right ? 1 : 0,
    };

    private static double[] Values(Random random)
    {
        double[] special =
            [0, -0.0, 1, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e308, 5e-324];
        var values = new double[131];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.Next(2) == 0
                ? special[random.Next(special.Length)]
                : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(20));
        }

        return values;
    }
}
