// Hot path: every float and every bucket of every sum.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PromHost.Model;

/// <summary>
/// Compensated summation after Kahan and Neumaier: <c>sum + compensation</c> is the exact total to about twice the
/// precision of a double.
/// </summary>
public static class KahanSum
{
    /// <summary>Adds a value. Once the sum is infinite the compensation is 0.</summary>
    /// <param name="value">What is added.</param>
    /// <param name="sum">The sum without its compensation.</param>
    /// <param name="compensation">What rounding has taken from the sum.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(double value, ref double sum, ref double compensation)
    {
        var total = sum + value;
        if (double.IsInfinity(total)) compensation = 0;
        else if (Math.Abs(sum) >= Math.Abs(value)) compensation += (sum - total) + value;
        else compensation += (value - total) + sum;
        sum = total;
    }

    /// <summary>The same in four lanes; returns the new sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Add(
        Vector256<double> value, Vector256<double> sum, ref Vector256<double> compensation)
    {
        var total = sum + value;
        var sumIsLarger = Vector256.GreaterThanOrEqual(Vector256.Abs(sum), Vector256.Abs(value));
        var lost = Vector256.ConditionalSelect(sumIsLarger, (sum - total) + value, (value - total) + sum);
        var isInfinite = Vector256.Equals(Vector256.Abs(total), Vector256.Create(double.PositiveInfinity));
        compensation = Vector256.ConditionalSelect(isInfinite, Vector256<double>.Zero, compensation + lost);
        return total;
    }
}
