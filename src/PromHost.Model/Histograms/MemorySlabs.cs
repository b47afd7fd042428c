// Hot path: used again and again, so it allocates only while it grows.
namespace PromHost.Model;

/// <summary>Memory that is handed out in pieces and taken back all at once.</summary>
internal sealed class MemorySlabs<T>
    where T : unmanaged
{
    // Small at first: most rows hold few histograms, and there are many rows.
    private const int MinSlabLength = 64;
    private const int MaxSlabLength = 4096;

    private readonly List<T[]> _slabs = [];
    private int _slab;
    private int _used;

    /// <summary>How many elements there is memory for.</summary>
    public long Capacity { get; private set; }

    /// <summary>Takes all pieces back; they are written over.</summary>
    public void Clear()
    {
        _slab = 0;
        _used = 0;
    }

    /// <summary>Hands out a piece; its content is undefined.</summary>
    public Memory<T> Take(int length)
    {
        if (length == 0) return default;
        for (; _slab < _slabs.Count; _slab++, _used = 0)
        {
            if (_slabs[_slab].Length - _used < length) continue;
            _used += length;
            return _slabs[_slab].AsMemory(_used - length, length);
        }

        var last = _slabs.Count == 0 ? 0 : _slabs[^1].Length;
        var slab = new T[Math.Max(length, Math.Clamp(last * 2, MinSlabLength, MaxSlabLength))];
        _slabs.Add(slab);
        Capacity += slab.Length;
        _used = length;
        return slab.AsMemory(0, length);
    }
}
