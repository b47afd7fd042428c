// Hot path: reads happen per series of every batch.
using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// Append-only storage of byte strings in large blocks. One thread appends; any thread reads what was published to it.
/// A handle is below 2^40 and never 0.
/// </summary>
internal sealed class ByteSlabs
{
    private const int SlabBytes = 1 << 20;
    private const int UnitBits = 3;
    private const int OffsetBits = 17;
    private const ulong OffsetMask = (1UL << OffsetBits) - 1;

    private byte[][] _slabs = [];
    private int _current = -1;
    private int _used = SlabBytes;

    /// <summary>Bytes of all blocks.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Makes room for a string and returns its handle.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="bytes">The room, zeroed, <paramref name="length"/> long.</param>
    public ulong Add(int length, out Span<byte> bytes)
    {
        if (length > SlabBytes - (1 << UnitBits)) return AddLarge(length, out bytes);
        if (SlabBytes - _used < length)
        {
            _current = AddSlab(SlabBytes);
            // Offset 0 stays unused: no handle is 0.
            _used = 1 << UnitBits;
        }

        var offset = _used;
        _used = Math.Min((offset + length + (1 << UnitBits) - 1) & ~((1 << UnitBits) - 1), SlabBytes);
        bytes = _slabs[_current].AsSpan(offset, length);
        return ((ulong)_current << OffsetBits) | ((ulong)offset >> UnitBits);
    }

    /// <summary>The bytes from the handle's place to the end of its block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> From(ulong handle) =>
        _slabs[(int)(handle >> OffsetBits)].AsSpan((int)(handle & OffsetMask) << UnitBits);

    /// <summary>The bytes of a handle as memory that can be handed on.</summary>
    public ReadOnlyMemory<byte> MemoryOf(ulong handle, int length) =>
        _slabs[(int)(handle >> OffsetBits)].AsMemory((int)(handle & OffsetMask) << UnitBits, length);

    private ulong AddLarge(int length, out Span<byte> bytes)
    {
        var slab = AddSlab(length + (1 << UnitBits));
        bytes = _slabs[slab].AsSpan(1 << UnitBits, length);
        return ((ulong)slab << OffsetBits) | 1;
    }

    private int AddSlab(int size)
    {
        // Pinned blocks are never moved, and untouched pages of them cost no memory.
        byte[][] grown = [.. _slabs, GC.AllocateArray<byte>(size, pinned: true)];
        Volatile.Write(ref _slabs, grown);
        SizeBytes += size;
        return grown.Length - 1;
    }
}
