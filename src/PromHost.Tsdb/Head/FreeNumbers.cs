using System.Numerics;

namespace PromHost.Tsdb;

/// <summary>
/// Gives out numbers from 1 on, of those that came back the lowest first: so the high ones become free when a crowd
/// has gone, and pages of what they number can be given up. For one thread at a time.
/// </summary>
/// <param name="pageBits">A page has 2 to this power numbers; the first begins with 0, which is nobody's.</param>
internal sealed class FreeNumbers(int pageBits)
{
    private const int WordBits = 6;
    private const int Levels = 6;

    // A bit per free number; above it a bit per word that has one; and so on to a single word.
    private readonly ulong[][] _levels = [.. Enumerable.Range(0, Levels).Select(_ => new ulong[1])];
    private int[] _inUse = new int[1];

    /// <summary>The highest number given out so far.</summary>
    public int Last { get; private set; }

    /// <summary>The numbers in use.</summary>
    public int Count { get; private set; }

    /// <summary>Gives out a number.</summary>
    /// <exception cref="OverflowException">There are no more.</exception>
    public int Take()
    {
        var number = _levels[^1][0] != 0 ? TakeLowest() : checked(Last + 1);
        Last = Math.Max(Last, number);
        var page = number >> pageBits;
        if (page >= _inUse.Length) Array.Resize(ref _inUse, Math.Max(page + 1, _inUse.Length * 2));
        _inUse[page]++;
        Count++;
        return number;
    }

    /// <summary>Takes a number back.</summary>
    /// <returns>True when no number of its page is in use any more.</returns>
    public bool Return(int number)
    {
        var index = number;
        foreach (ref var level in _levels.AsSpan())
        {
            var word = index >> WordBits;
            if (word >= level.Length) Array.Resize(ref level, Math.Max(word + 1, level.Length * 2));
            level[word] |= 1UL << index;
            index = word;
        }

        Count--;
        return --_inUse[number >> pageBits] == 0;
    }

    private int TakeLowest()
    {
        var index = 0;
        for (var level = Levels - 1; level >= 0; level--)
            index = (index << WordBits) + BitOperations.TrailingZeroCount(_levels[level][index]);
        var number = index;
        for (var level = 0; level < Levels; level++)
        {
            var word = index >> WordBits;
            _levels[level][word] &= ~(1UL << index);
            if (_levels[level][word] != 0) break;
            index = word;
        }

        return number;
    }
}
