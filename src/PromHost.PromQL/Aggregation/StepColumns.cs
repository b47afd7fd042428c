// Hot path: the accumulators of every aggregation.
using System.Numerics;

namespace PromHost.PromQL;

/// <summary>
/// A growing table of equal-length rows, one per group or series, that starts out filled with one value. Rows are
/// carved from slabs, which come into being when one of their rows is first asked for.
/// </summary>
internal sealed class StepColumns<T>
    where T : struct
{
    private const int SlabLength = 4096;

    private readonly int _rowLength;
    private readonly int _shift;
    private readonly T _initial;
    private T[]?[] _slabs = [];

    /// <summary>Makes an empty table.</summary>
    /// <param name="rowLength">Elements per row, at least 1.</param>
    /// <param name="initial">What every element is at first.</param>
    public StepColumns(int rowLength, T initial = default)
    {
        _rowLength = rowLength;
        _initial = initial;
        _shift = BitOperations.Log2((uint)Math.Max(1, SlabLength / rowLength));
    }

    /// <summary>A row; valid as long as the table.</summary>
    public Span<T> Row(int index)
    {
        var slab = index >> _shift;
        var array = slab < _slabs.Length ? _slabs[slab] : null;
        array ??= AddSlab(slab);
        return array.AsSpan((index & ((1 << _shift) - 1)) * _rowLength, _rowLength);
    }

    private T[] AddSlab(int slab)
    {
        if (slab >= _slabs.Length) Array.Resize(ref _slabs, Math.Max(slab + 1, _slabs.Length * 2));
        var array = new T[_rowLength << _shift];
        if (!EqualityComparer<T>.Default.Equals(_initial, default)) Array.Fill(array, _initial);
        return _slabs[slab] = array;
    }
}
