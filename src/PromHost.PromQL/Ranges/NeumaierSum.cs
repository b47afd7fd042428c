// Hot path.
using System.Runtime.CompilerServices;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>A running sum with its compensation: see <see cref="KahanSum"/>.</summary>
internal struct NeumaierSum
{
    /// <summary>The sum without its compensation.</summary>
    public double Sum;

    /// <summary>What rounding has taken from the sum.</summary>
    public double Compensation;

    /// <summary>The compensated sum.</summary>
    public readonly double Value => Sum + Compensation;

    /// <summary>Adds a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double value) => KahanSum.Add(value, ref Sum, ref Compensation);
}
