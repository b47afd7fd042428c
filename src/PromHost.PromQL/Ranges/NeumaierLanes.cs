// Hot path.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Four running sums with their compensations: <see cref="NeumaierSum"/> in lanes.</summary>
internal struct NeumaierLanes
{
    /// <summary>The sums without their compensations.</summary>
    public Vector256<double> Sum;

    /// <summary>What rounding has taken from the sums.</summary>
    public Vector256<double> Compensation;

    /// <summary>The compensated sums.</summary>
    public readonly Vector256<double> Value => Sum + Compensation;

    /// <summary>Lanes whose sum is infinite, all bits set.</summary>
    public readonly Vector256<double> IsInfinite =>
        Vector256.Equals(Vector256.Abs(Sum), Vector256.Create(double.PositiveInfinity));

    /// <summary>Adds a number to each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector256<double> values) => Sum = KahanSum.Add(values, Sum, ref Compensation);
}
