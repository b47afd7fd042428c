using System.Numerics;

namespace PromHost.Tsdb;

/// <summary>
/// A set of numbers from 0 on that knows its smallest one: a bit per number, above it a bit per word that is not zero,
/// and so on to a single word. For one thread at a time.
/// </summary>
internal sealed class BitTree
{
    private const int WordBits = 6;
    private const int Levels = 6;

    private readonly ulong[][] _levels = [.. Enumerable.Range(0, Levels).Select(_ => new ulong[1])];

    /// <summary>Is there no number?</summary>
    public bool IsEmpty => _levels[^1][0] == 0;

    /// <summary>The smallest number; the set is not empty.</summary>
    public int Min
    {
        get
        {
            var index = 0;
            for (var level = Levels - 1; level >= 0; level--)
                index = (index << WordBits) + BitOperations.TrailingZeroCount(_levels[level][index]);
            return index;
        }
    }

    /// <summary>Is a number in the set?</summary>
    public bool Contains(int number)
    {
        var word = number >> WordBits;
        return word < _levels[0].Length && (_levels[0][word] & (1UL << number)) != 0;
    }

    /// <summary>Adds a number.</summary>
    public void Add(int number)
    {
        var index = number;
        foreach (ref var level in _levels.AsSpan())
        {
            var word = index >> WordBits;
            if (word >= level.Length) Array.Resize(ref level, Math.Max(word + 1, level.Length * 2));
            var before = level[word];
            level[word] = before | (1UL << index);
            if (before != 0) break;
            index = word;
        }
    }

    /// <summary>Removes a number that is in the set.</summary>
    public void Remove(int number)
    {
        var index = number;
        foreach (var level in _levels)
        {
            var word = index >> WordBits;
            level[word] &= ~(1UL << index);
            if (level[word] != 0) break;
            index = word;
        }
    }
}
