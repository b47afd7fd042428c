namespace PromHost.Chunks;

/// <summary>Words that are integers.</summary>
internal readonly struct IntegerWord : ICountWord
{
    public static bool IsLess(ulong left, ulong right) => left < right;

    public static bool IsZero(ulong word) => word == 0;
}
