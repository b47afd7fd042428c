// Hot path: every group of quantile at every step.
using System.Runtime.CompilerServices;

namespace PromHost.PromQL;

/// <summary>Quantiles of unsorted values. Selects the two values it needs instead of sorting all.</summary>
internal static class OrderStatistics
{
    // Below this length sorting is as fast as selecting.
    private const int SortLength = 32;

    /// <summary>
    /// The quantile of values, interpolated linearly between neighbours; NaN counts as smaller than everything. Changes
    /// the order of the values.
    /// </summary>
    /// <returns>NaN for no values or a NaN quantile, an infinity for a quantile outside of 0 to 1.</returns>
    public static double Quantile(double quantile, Span<double> values)
    {
        if (values.IsEmpty || double.IsNaN(quantile)) return double.NaN;
        if (quantile < 0) return double.NegativeInfinity;
        if (quantile > 1) return double.PositiveInfinity;
        var rank = quantile * (values.Length - 1);
        var whole = Math.Floor(rank);
        var lower = (int)Math.Max(0, whole);
        var upper = Math.Min(values.Length - 1, lower + 1);
        var weight = rank - whole;
        var lowerValue = Select(values, lower);
        var upperValue = upper == lower ? lowerValue : Smallest(values[upper..]);
        return lowerValue * (1 - weight) + upperValue * weight;
    }

    /// <summary>
    /// The value that would stand at an index if the values were sorted, NaN first. Afterwards it does, and no value
    /// behind it would stand before it.
    /// </summary>
    public static double Select(Span<double> values, int index)
    {
        var nanCount = MoveNaNToFront(values);
        if (index < nanCount) return double.NaN;
        var low = nanCount;
        var high = values.Length;
        for (var rounds = 64; high - low > SortLength; rounds--)
        {
            if (rounds == 0) break;
            var (equalStart, equalEnd) = Partition(values[low..high]);
            if (index < low + equalStart) high = low + equalStart;
            else if (index >= low + equalEnd) low += equalEnd;
            else return values[index];
        }

        values[low..high].Sort();
        return values[index];
    }

    private static double Smallest(ReadOnlySpan<double> values)
    {
        var smallest = values[0];
        foreach (var value in values)
        {
            if (double.IsNaN(value)) return value;
            if (value < smallest) smallest = value;
        }

        return smallest;
    }

    private static int MoveNaNToFront(Span<double> values)
    {
        var count = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsNaN(values[i])) continue;
            (values[count], values[i]) = (values[i], values[count]);
            count++;
        }

        return count;
    }

    // Three parts: smaller than the median of three, equal to it, larger. Answers where the middle part lies.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int EqualStart, int EqualEnd) Partition(Span<double> values)
    {
        var a = values[0];
        var b = values[values.Length / 2];
        var c = values[^1];
        var pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
        var equalStart = 0;
        var equalEnd = values.Length;
        for (var i = 0; i < equalEnd;)
        {
            var value = values[i];
            if (value < pivot)
            {
                values[i++] = values[equalStart];
                values[equalStart++] = value;
            }
            else if (value > pivot)
            {
                values[i] = values[--equalEnd];
                values[equalEnd] = value;
            }
            else
            {
                i++;
            }
        }

        return (equalStart, equalEnd);
    }
}
