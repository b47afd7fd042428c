namespace PromHost.Model;

/// <summary>The NaN that says "this series has ended for now", told from other NaNs by its bits.</summary>
public static class StaleMarker
{
    /// <summary>The bits of the marker.</summary>
    public const long Bits = 0x7ff0000000000002;

    /// <summary>The bits of the NaN that ordinary calculations and exposition formats yield.</summary>
    public const long NormalNaNBits = 0x7ff8000000000001;

    /// <summary>The marker as a value.</summary>
    public static double Value => BitConverter.Int64BitsToDouble(Bits);

    /// <summary>Is the value the marker?</summary>
    public static bool Is(double value) => BitConverter.DoubleToInt64Bits(value) == Bits;
}
