// Hot path: automata add to and test these sets for every code point.
using System.Runtime.CompilerServices;

namespace PromHost.Model;

/// <summary>
/// A set of small integers in insertion order, cleared in constant time (Briggs and Torczon 1993). Owned by one thread.
/// </summary>
internal sealed class SparseSet(int capacity)
{
    private readonly int[] _dense = new int[capacity];
    private readonly int[] _positions = new int[capacity];
    private int _count;

    public int Count => _count;

    public ReadOnlySpan<int> Items => _dense.AsSpan(0, _count);

    public void Clear() => _count = 0;

    /// <summary>Adds a value.</summary>
    /// <returns>False when it was there.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(int value)
    {
        int position = _positions[value];
        if (position < _count && _dense[position] == value)
            return false;
        _positions[value] = _count;
        _dense[_count++] = value;
        return true;
    }
}
