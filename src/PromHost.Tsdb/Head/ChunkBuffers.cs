// Hot path: buffers are found per appended sample.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace PromHost.Tsdb;

/// <summary>
/// The buffers of open chunks: blocks of 64 to 2048 bytes cut from large slabs, split and merged as buddies (Knuth,
/// TAOCP 1, 2.5), because the chunks of a head grow in step and would leave a hole of every size behind. One thread
/// takes and returns blocks; any thread may look at bytes, also stale ones: slabs are never given back.
/// </summary>
internal sealed class ChunkBuffers
{
    /// <summary>Smallest block: 64 bytes.</summary>
    public const int MinOrder = 6;

    /// <summary>Largest block: 2048 bytes.</summary>
    public const int MaxOrder = 11;

    private const int SlabBytes = 1 << 20;
    private const int SlabUnitBits = 20 - MinOrder;
    private const int UnitMask = (1 << SlabUnitBits) - 1;
    private const uint None = 0;

    private readonly uint[] _free = new uint[MaxOrder + 1];
    private byte[][] _slabs = [];
    private byte[][] _freeOrders = [];
    private int _usedOfLast = SlabBytes;

    /// <summary>Bytes of all slabs.</summary>
    public long SizeBytes => (long)_slabs.Length * SlabBytes;

    /// <summary>Takes a block.</summary>
    /// <param name="order">Its size is 2 to this power.</param>
    /// <returns>Its handle, never 0. The content is undefined.</returns>
    public uint Take(int order)
    {
        for (var from = order; from <= MaxOrder; from++)
        {
            if (_free[from] == None) continue;
            var handle = _free[from];
            Unlink(handle, from);
            return Split(handle, from, order);
        }

        return Split(TakeFromSlab(), MaxOrder, order);
    }

    /// <summary>Gives a block back.</summary>
    public void Return(uint handle, int order)
    {
        while (order < MaxOrder)
        {
            var buddy = handle ^ (1u << (order - MinOrder));
            if (FreeOrder(buddy) != order) break;
            Unlink(buddy, order);
            handle = Math.Min(handle, buddy);
            order++;
        }

        Link(handle, order);
    }

    /// <summary>The bytes of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Get(uint handle, int order) =>
        _slabs[handle >> SlabUnitBits].AsSpan((int)(handle & UnitMask) << MinOrder, 1 << order);

    /// <summary>Brings the first line of a block near and the one at an offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(uint handle, int offset)
    {
        if (!Sse.IsSupported) return;
        // The slabs are pinned.
        var start = (byte*)Unsafe.AsPointer(ref _slabs[handle >> SlabUnitBits][(int)(handle & UnitMask) << MinOrder]);
        Sse.Prefetch0(start);
        Sse.Prefetch0(start + offset);
    }

    /// <summary>Bytes for a reader whose handle and length may be torn; false when they make no sense.</summary>
    public bool TryPeek(uint handle, int length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        var slabs = Volatile.Read(ref _slabs);
        var slab = handle >> SlabUnitBits;
        var offset = (int)(handle & UnitMask) << MinOrder;
        if (handle == None || slab >= slabs.Length || (uint)length > (uint)(SlabBytes - offset)) return false;
        bytes = slabs[slab].AsSpan(offset, length);
        return true;
    }

    private uint Split(uint handle, int from, int order)
    {
        while (from > order)
        {
            from--;
            Link(handle + (1u << (from - MinOrder)), from);
        }

        return handle;
    }

    private uint TakeFromSlab()
    {
        if (_usedOfLast == SlabBytes)
        {
            byte[][] slabs = [.. _slabs, GC.AllocateUninitializedArray<byte>(SlabBytes, pinned: true)];
            _freeOrders = [.. _freeOrders, new byte[1 << SlabUnitBits]];
            Volatile.Write(ref _slabs, slabs);
            // The first block of the first slab stays unused: no handle is 0.
            _usedOfLast = slabs.Length == 1 ? 1 << MaxOrder : 0;
        }

        var handle = ((uint)(_slabs.Length - 1) << SlabUnitBits) | (uint)(_usedOfLast >> MinOrder);
        _usedOfLast += 1 << MaxOrder;
        return handle;
    }

    // Free blocks are doubly linked through their first eight bytes: next, previous.
    private ref uint Links(uint handle) =>
        ref MemoryMarshal.Cast<byte, uint>(_slabs[handle >> SlabUnitBits].AsSpan(
            (int)(handle & UnitMask) << MinOrder, 8))[0];

    private ref byte FreeOrder(uint handle) => ref _freeOrders[handle >> SlabUnitBits][handle & UnitMask];

    private void Link(uint handle, int order)
    {
        ref var links = ref Links(handle);
        links = _free[order];
        Unsafe.Add(ref links, 1) = None;
        if (_free[order] != None) Unsafe.Add(ref Links(_free[order]), 1) = handle;
        _free[order] = handle;
        FreeOrder(handle) = (byte)order;
    }

    private void Unlink(uint handle, int order)
    {
        ref var links = ref Links(handle);
        var next = links;
        var previous = Unsafe.Add(ref links, 1);
        if (next != None) Unsafe.Add(ref Links(next), 1) = previous;
        if (previous != None) Links(previous) = next;
        else _free[order] = next;
        FreeOrder(handle) = 0;
    }
}
