namespace PromHost.Tsdb;

/// <summary>
/// Append-only storage of short lists of integers. One thread appends; any thread reads what was published to it.
/// </summary>
internal sealed class IntSlabs
{
    private const int OffsetBits = 14;
    private const int SlabLength = 1 << OffsetBits;

    private int[][] _slabs = [];
    private int _current = -1;
    private int _used = SlabLength;

    /// <summary>Copies a list and returns its handle.</summary>
    public uint Add(ReadOnlySpan<int> items)
    {
        var length = items.Length + 1;
        int slab;
        var offset = 0;
        if (length > SlabLength)
        {
            slab = AddSlab(length);
        }
        else
        {
            if (SlabLength - _used < length)
            {
                _current = AddSlab(SlabLength);
                _used = 0;
            }

            slab = _current;
            offset = _used;
            _used += length;
        }

        _slabs[slab][offset] = items.Length;
        items.CopyTo(_slabs[slab].AsSpan(offset + 1));
        return checked(((uint)slab << OffsetBits) | (uint)offset);
    }

    /// <summary>The list behind a handle.</summary>
    public ReadOnlySpan<int> Get(uint handle)
    {
        var slab = _slabs[(int)(handle >> OffsetBits)];
        var offset = (int)(handle & (SlabLength - 1));
        return slab.AsSpan(offset + 1, slab[offset]);
    }

    private int AddSlab(int length)
    {
        int[][] grown = [.. _slabs, new int[length]];
        Volatile.Write(ref _slabs, grown);
        return grown.Length - 1;
    }
}
