namespace PromHost.Chunks;

/// <summary>Words that are the bits of doubles.</summary>
internal readonly struct FloatWord : ICountWord
{
    public static bool IsLess(ulong left, ulong right) =>
        BitConverter.UInt64BitsToDouble(left) < BitConverter.UInt64BitsToDouble(right);

    public static bool IsZero(ulong word) => BitConverter.UInt64BitsToDouble(word) == 0;
}
