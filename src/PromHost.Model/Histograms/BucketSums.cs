// Hot path: every sum of histograms of one layout passes here.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PromHost.Model;

/// <summary>Loops over the counts of sides with the same layout. All spans of a call have the same length.</summary>
internal static class BucketSums
{
    /// <summary>Adds counts.</summary>
    /// <param name="counts">What is added to.</param>
    /// <param name="added">What is added.</param>
    /// <param name="sign">1, or -1 to subtract.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(Span<double> counts, ReadOnlySpan<double> added, double sign)
    {
        added = added[..counts.Length];
        var i = 0;
        var signs = Vector256.Create(sign);
        for (; i <= counts.Length - 4; i += 4)
        {
            var sum = Vector256.Create<double>(counts.Slice(i, 4)) + Vector256.Create(added.Slice(i, 4)) * signs;
            sum.CopyTo(counts.Slice(i, 4));
        }

        for (; i < counts.Length; i++) counts[i] += added[i] * sign;
    }

    /// <summary>Adds counts and keeps what rounding takes.</summary>
    /// <param name="counts">What is added to.</param>
    /// <param name="lost">What rounding has taken from it.</param>
    /// <param name="added">What is added.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddCompensated(Span<double> counts, Span<double> lost, ReadOnlySpan<double> added)
    {
        added = added[..counts.Length];
        lost = lost[..counts.Length];
        var i = 0;
        for (; i <= counts.Length - 4; i += 4)
        {
            var compensation = Vector256.Create<double>(lost.Slice(i, 4));
            var sum = KahanSum.Add(
                Vector256.Create(added.Slice(i, 4)), Vector256.Create<double>(counts.Slice(i, 4)), ref compensation);
            sum.CopyTo(counts.Slice(i, 4));
            compensation.CopyTo(lost.Slice(i, 4));
        }

        for (; i < counts.Length; i++) KahanSum.Add(added[i], ref counts[i], ref lost[i]);
    }

    /// <summary>Would a count be infinite after an addition?</summary>
    public static bool AnyBecomesInfinite(ReadOnlySpan<double> counts, ReadOnlySpan<double> added)
    {
        added = added[..counts.Length];
        var i = 0;
        var infinity = Vector256.Create(double.PositiveInfinity);
        for (; i <= counts.Length - 4; i += 4)
        {
            var sum = Vector256.Create(counts.Slice(i, 4)) + Vector256.Create(added.Slice(i, 4));
            if (Vector256.EqualsAny(Vector256.Abs(sum), infinity)) return true;
        }

        for (; i < counts.Length; i++)
        {
            if (double.IsInfinity(counts[i] + added[i])) return true;
        }

        return false;
    }

    /// <summary>Is a number infinite?</summary>
    public static bool AnyInfinite(ReadOnlySpan<double> numbers)
    {
        foreach (var number in numbers)
        {
            if (double.IsInfinity(number)) return true;
        }

        return false;
    }

    /// <summary>Is a count less than before?</summary>
    public static bool AnyLess(ReadOnlySpan<double> counts, ReadOnlySpan<double> before)
    {
        before = before[..counts.Length];
        var i = 0;
        for (; i <= counts.Length - 4; i += 4)
        {
            if (Vector256.LessThanAny(Vector256.Create(counts.Slice(i, 4)), Vector256.Create(before.Slice(i, 4))))
                return true;
        }

        for (; i < counts.Length; i++)
        {
            if (counts[i] < before[i]) return true;
        }

        return false;
    }

    /// <summary>Multiplies all numbers.</summary>
    public static void Multiply(ReadOnlySpan<double> numbers, double factor, Span<double> result)
    {
        var i = 0;
        var factors = Vector256.Create(factor);
        for (; i <= numbers.Length - 4; i += 4)
            (Vector256.Create(numbers.Slice(i, 4)) * factors).CopyTo(result.Slice(i, 4));
        for (; i < numbers.Length; i++) result[i] = numbers[i] * factor;
    }

    /// <summary>Divides all numbers.</summary>
    public static void Divide(ReadOnlySpan<double> numbers, double divisor, Span<double> result)
    {
        var i = 0;
        var divisors = Vector256.Create(divisor);
        for (; i <= numbers.Length - 4; i += 4)
            (Vector256.Create(numbers.Slice(i, 4)) / divisors).CopyTo(result.Slice(i, 4));
        for (; i < numbers.Length; i++) result[i] = numbers[i] / divisor;
    }
}
