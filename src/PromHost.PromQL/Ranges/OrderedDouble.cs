// Hot path.
namespace PromHost.PromQL;

/// <summary>Doubles as integers of the same order, NaN before everything else.</summary>
internal static class OrderedDouble
{
    /// <summary>The integer of a value; all NaNs have one.</summary>
    public static long KeyOf(double value)
    {
        if (double.IsNaN(value)) return long.MinValue;
        var bits = BitConverter.DoubleToInt64Bits(value);
        return bits ^ ((bits >> 63) & long.MaxValue);
    }

    /// <summary>The value of an integer.</summary>
    public static double ValueOf(long key) => key == long.MinValue
        ? double.NaN
        : BitConverter.Int64BitsToDouble(key ^ ((key >> 63) & long.MaxValue));

    /// <summary>A quantile, interpolated between the two nearest values.</summary>
    /// <param name="quantile">0 to 1; below gives -Inf, above +Inf, NaN gives NaN.</param>
    /// <param name="sorted">Keys, ascending; not empty.</param>
    public static double Quantile(double quantile, ReadOnlySpan<long> sorted)
    {
        if (double.IsNaN(quantile)) return double.NaN;
        if (quantile < 0) return double.NegativeInfinity;
        if (quantile > 1) return double.PositiveInfinity;
        double n = sorted.Length;
        var rank = quantile * (n - 1);
        var lower = Math.Max(0, Math.Floor(rank));
        var upper = Math.Min(n - 1, lower + 1);
        var weight = rank - Math.Floor(rank);
        return ValueOf(sorted[(int)lower]) * (1 - weight) + ValueOf(sorted[(int)upper]) * weight;
    }
}

/// <summary><c>mad_over_time</c>: the median of the distances from the median; NaN where any value is.</summary>
internal struct MadOverTimeKernel() : IRangeKernel
{
    private readonly KeySort _sort = new();
    private long[] _keys = new long[256];
    private CancellationToken _cancellation;

    /// <inheritdoc/>
    public void Begin(in RangeWindow window) => _cancellation = window.Cancellation;

    /// <inheritdoc/>
    public bool TryCompute(in RangeWindow window, out double value)
    {
        var values = window.WindowValues;
        if (_keys.Length < values.Length) _keys = new long[values.Length * 2];
        var keys = _keys.AsSpan(0, values.Length);
        value = double.NaN;
        for (var i = 0; i < keys.Length; i++)
        {
            if (double.IsNaN(values[i])) return true;
            keys[i] = OrderedDouble.KeyOf(values[i]);
        }

        _sort.Sort(keys, _cancellation);
        var median = OrderedDouble.Quantile(0.5, keys);
        for (var i = 0; i < keys.Length; i++)
            keys[i] = OrderedDouble.KeyOf(Math.Abs(OrderedDouble.ValueOf(keys[i]) - median));
        _sort.Sort(keys, _cancellation);
        value = OrderedDouble.Quantile(0.5, keys);
        return true;
    }
}
