// Hot path: which steps of a row have a point.
using System.Numerics;

namespace PromHost.PromQL;

/// <summary>Operations on the presence words of rows: a bit per step, lowest first.</summary>
internal static class PresenceBits
{
    /// <summary>The number of words for so many steps.</summary>
    public static int WordCount(int stepCount) => (stepCount + 63) / 64;

    /// <summary>
    /// If the word is an unbroken run of ones from bit 0 on, the length of the run (0 for no ones); else -1.
    /// </summary>
    public static int LeadingRun(ulong word) =>
        (word & (word + 1)) == 0 ? BitOperations.PopCount(word) : -1;

    /// <summary>Is the bit set?</summary>
    public static bool Has(ReadOnlySpan<ulong> words, int step) => (words[step >> 6] & (1UL << (step & 63))) != 0;

    /// <summary>Sets a bit.</summary>
    public static void Set(Span<ulong> words, int step) => words[step >> 6] |= 1UL << (step & 63);

    /// <summary>Sets the bits from one to before another.</summary>
    public static void SetRange(Span<ulong> words, int from, int end)
    {
        for (var word = from >> 6; word << 6 < end; word++)
        {
            var low = Math.Max(0, from - (word << 6));
            var high = Math.Min(64, end - (word << 6));
            if (high > low) words[word] |= (ulong.MaxValue >> (64 - high + low)) << low;
        }
    }

    /// <summary>Is any bit set?</summary>
    public static bool Any(ReadOnlySpan<ulong> words) => words.ContainsAnyExcept(0UL);

    /// <summary>The number of set bits.</summary>
    public static int Count(ReadOnlySpan<ulong> words)
    {
        var count = 0;
        foreach (var word in words) count += BitOperations.PopCount(word);
        return count;
    }

    /// <summary>Adds the bits of another row.</summary>
    public static void Or(Span<ulong> words, ReadOnlySpan<ulong> other)
    {
        for (var i = 0; i < words.Length; i++) words[i] |= other[i];
    }

    /// <summary>Keeps the bits that another row has too.</summary>
    public static void And(Span<ulong> words, ReadOnlySpan<ulong> other)
    {
        for (var i = 0; i < words.Length; i++) words[i] &= other[i];
    }

    /// <summary>Takes away the bits that another row has.</summary>
    public static void AndNot(Span<ulong> words, ReadOnlySpan<ulong> other)
    {
        for (var i = 0; i < words.Length; i++) words[i] &= ~other[i];
    }

    /// <summary>Do both rows have a bit in common?</summary>
    public static bool Intersect(ReadOnlySpan<ulong> words, ReadOnlySpan<ulong> other)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if ((words[i] & other[i]) != 0) return true;
        }

        return false;
    }
}
