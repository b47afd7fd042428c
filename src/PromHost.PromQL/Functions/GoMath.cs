namespace PromHost.PromQL;

/// <summary>Where Go's arithmetic and .NET's part ways: results follow Go on amd64.</summary>
internal static class GoMath
{
    /// <summary>The larger value; +Inf wins over NaN, NaN over everything else, +0 over -0.</summary>
    public static double Max(double x, double y) =>
        double.IsPositiveInfinity(x) || double.IsPositiveInfinity(y) ? double.PositiveInfinity : Math.Max(x, y);

    /// <summary>The smaller value; -Inf wins over NaN, NaN over everything else, -0 over +0.</summary>
    public static double Min(double x, double y) =>
        double.IsNegativeInfinity(x) || double.IsNegativeInfinity(y) ? double.NegativeInfinity : Math.Min(x, y);

    /// <summary>Truncates; NaN and what does not fit give the smallest integer, as the x86 instruction does.</summary>
    public static long ToInt64(double value) =>
        value is >= -9223372036854775808.0 and < 9223372036854775808.0 ? (long)value : long.MinValue;

    /// <summary>
    /// Are the values equal but for rounding: do they differ by less than their sum times a tolerance? NaN equals NaN.
    /// </summary>
    public static bool AlmostEqual(double a, double b, double tolerance)
    {
        const double smallestNormal = 2.2250738585072014e-308;
        if (a == b || (double.IsNaN(a) && double.IsNaN(b))) return true;
        var sum = Math.Abs(a) + Math.Abs(b);
        var difference = Math.Abs(a - b);
        if (a == 0 || b == 0 || sum < smallestNormal) return difference < tolerance * smallestNormal;
        return difference / Math.Min(sum, double.MaxValue) < tolerance;
    }
}
