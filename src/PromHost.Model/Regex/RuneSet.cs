using System.Text;

namespace PromHost.Model;

/// <summary>An immutable set of code points, as sorted ranges that neither overlap nor touch.</summary>
internal sealed class RuneSet : IEquatable<RuneSet>
{
    public const int MaxRune = 0x10FFFF;

    public static readonly RuneSet None = new([]);
    public static readonly RuneSet Any = new([0, MaxRune]);
    public static readonly RuneSet AnyButNewline = new([0, '\n' - 1, '\n' + 1, MaxRune]);
    public static readonly RuneSet Digits = new(['0', '9']);
    public static readonly RuneSet Spaces = new(['\t', '\n', '\f', '\r', ' ', ' ']);
    public static readonly RuneSet WordCharacters = new(['0', '9', 'A', 'Z', '_', '_', 'a', 'z']);

    private readonly int[] _bounds;

    /// <summary>Takes over first and last code point of each range, in order.</summary>
    public RuneSet(int[] bounds) => _bounds = bounds;

    /// <summary>First and last code point of each range, in order.</summary>
    public ReadOnlySpan<int> Bounds => _bounds;

    public bool IsAny => _bounds is [0, MaxRune];

    /// <summary>Number of code points.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            for (int i = 0; i < _bounds.Length; i += 2)
                count += _bounds[i + 1] - _bounds[i] + 1;
            return count;
        }
    }

    public bool TryGetSingle(out int rune)
    {
        rune = _bounds.Length == 2 ? _bounds[0] : 0;
        return _bounds.Length == 2 && _bounds[0] == _bounds[1] && Rune.IsValid(rune);
    }

    public bool Contains(int rune)
    {
        int index = Array.BinarySearch(_bounds, rune);
        // A hit is a bound of some range; a miss lies inside one when an odd number of bounds is smaller.
        return index >= 0 || ((~index) & 1) == 1;
    }

    public bool Equals(RuneSet? other) => other is not null && _bounds.AsSpan().SequenceEqual(other._bounds);

    public override bool Equals(object? obj) => Equals(obj as RuneSet);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_bounds.AsSpan()));
        return hash.ToHashCode();
    }

    public RuneSet Negate()
    {
        List<int> bounds = new(_bounds.Length + 2);
        int next = 0;
        for (int i = 0; i < _bounds.Length; i += 2)
        {
            if (_bounds[i] > next)
            {
                bounds.Add(next);
                bounds.Add(_bounds[i] - 1);
            }

            next = _bounds[i + 1] + 1;
        }

        if (next <= MaxRune)
        {
            bounds.Add(next);
            bounds.Add(MaxRune);
        }

        return new RuneSet([.. bounds]);
    }

    /// <summary>This set and everything that differs from a member by case only.</summary>
    public RuneSet FoldCase()
    {
        RuneSetBuilder builder = new();
        builder.Add(this);
        foreach (int[] orbit in CaseOrbits.All)
        {
            foreach (int rune in orbit)
            {
                if (!Contains(rune))
                    continue;
                foreach (int member in orbit)
                    builder.Add(member, member);
                break;
            }
        }

        return builder.ToSet();
    }
}
