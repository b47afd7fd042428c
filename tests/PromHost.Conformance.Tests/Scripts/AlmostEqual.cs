using PromHost.Model;

namespace PromHost.Conformance.Tests;

/// <summary>Equality of floats up to a relative difference of 1e-6, as the test language defines it.</summary>
internal static class AlmostEqual
{
    private const double Epsilon = 1e-6;
    private const double SmallestNormal = 2.2250738585072014e-308;

    /// <summary>Are the values equal?</summary>
    public static bool Are(double left, double right)
    {
        if (StaleMarker.Is(left) || StaleMarker.Is(right)) return StaleMarker.Is(left) && StaleMarker.Is(right);
        if (double.IsNaN(left) && double.IsNaN(right)) return true;
        if (left == right) return true;
        var size = Math.Abs(left) + Math.Abs(right);
        var difference = Math.Abs(left - right);
        return left == 0 || right == 0 || size < SmallestNormal
            ? difference < Epsilon * SmallestNormal
            : difference / Math.Min(size, double.MaxValue) < Epsilon;
    }
}
