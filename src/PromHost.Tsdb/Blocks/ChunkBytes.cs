namespace PromHost.Tsdb;

/// <summary>Room for the bytes of the chunks of one series, used again for the next one. For one thread.</summary>
internal sealed class ChunkBytes
{
    private const int SlabBytes = 64 * 1024;

    private readonly List<byte[]> _slabs = [];
    private int _slab = -1;
    private int _used = SlabBytes;

    /// <summary>Copies bytes; the copy is valid until <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> source)
    {
        if (source.Length > SlabBytes) return source.ToArray();
        if (SlabBytes - _used < source.Length)
        {
            if (++_slab == _slabs.Count) _slabs.Add(new byte[SlabBytes]);
            _used = 0;
        }

        var copy = _slabs[_slab].AsMemory(_used, source.Length);
        source.CopyTo(copy.Span);
        _used += source.Length;
        return copy;
    }

    /// <summary>Forgets all bytes and keeps the room.</summary>
    public void Clear()
    {
        _slab = -1;
        _used = SlabBytes;
    }
}
