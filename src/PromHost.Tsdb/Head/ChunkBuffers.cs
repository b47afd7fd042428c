// Hot path: buffers are found per appended sample.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace PromHost.Tsdb;

/// <summary>
/// The buffers of open chunks: blocks of 64 to 2048 bytes cut from large slabs, split and merged as buddies (Knuth,
/// TAOCP 1, 2.5), because the chunks of a head grow in step and would leave a hole of every size behind. The lowest
/// free block is taken first, so that the high slabs become empty when a crowd of series has gone; they are given back,
/// and read as zeros. One thread takes and returns blocks; any thread may look at bytes, also stale ones.
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
    private const int LargeUnits = 1 << (MaxOrder - MinOrder);
    private const uint None = 0;

    // By order: the free blocks, their handles divided by their size.
    private readonly BitTree[] _free = [.. Enumerable.Range(0, MaxOrder + 1).Select(_ => new BitTree())];
    private readonly BitTree _vacant = new();
    private readonly NativeSpace _space = new();
    private nint[] _slabs = [];
    private int[] _inUse = [];
    private int _slabCount;
    private int _mappedCount;
    private int _emptyCount;

    /// <summary>Bytes of all slabs.</summary>
    public long SizeBytes => (long)_mappedCount * SlabBytes;

    /// <summary>Takes a block.</summary>
    /// <param name="order">Its size is 2 to this power.</param>
    /// <returns>Its handle, never 0. The content is undefined.</returns>
    public uint Take(int order)
    {
        var from = order;
        while (from <= MaxOrder && _free[from].IsEmpty) from++;
        if (from > MaxOrder)
        {
            AddSlab();
            from = MaxOrder;
        }

        var index = _free[from].Min;
        _free[from].Remove(index);
        var handle = (uint)index << (from - MinOrder);
        if (_inUse[handle >> SlabUnitBits]++ == 0) _emptyCount--;
        while (from > order)
        {
            // The upper half stays free.
            from--;
            _free[from].Add((int)(handle >> (from - MinOrder)) + 1);
        }

        return handle;
    }

    /// <summary>Gives a block back.</summary>
    public void Return(uint handle, int order)
    {
        var slab = handle >> SlabUnitBits;
        var index = (int)(handle >> (order - MinOrder));
        while (order < MaxOrder && _free[order].Contains(index ^ 1))
        {
            _free[order].Remove(index ^ 1);
            index >>= 1;
            order++;
        }

        _free[order].Add(index);
        if (--_inUse[slab] > 0) return;
        _emptyCount++;
        // One is kept, for those who come and go at the border.
        if (_emptyCount > 1) FreeSlab((int)slab);
    }

    /// <summary>The bytes of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe Span<byte> Get(uint handle, int order) =>
        new((byte*)_slabs[handle >> SlabUnitBits] + ((int)(handle & UnitMask) << MinOrder), 1 << order);

    /// <summary>Brings the first line of a block near and the one at an offset.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(uint handle, int offset)
    {
        if (!Sse.IsSupported) return;
        var start = (byte*)_slabs[handle >> SlabUnitBits] + ((int)(handle & UnitMask) << MinOrder);
        Sse.Prefetch0(start);
        Sse.Prefetch0(start + offset);
    }

    /// <summary>Bytes for a reader whose handle and length may be torn; false when they make no sense.</summary>
    public unsafe bool TryPeek(uint handle, int length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        var slabs = Volatile.Read(ref _slabs);
        var slab = handle >> SlabUnitBits;
        var offset = (int)(handle & UnitMask) << MinOrder;
        if (handle == None || slab >= slabs.Length || (uint)length > (uint)(SlabBytes - offset)) return false;
        var start = Volatile.Read(ref slabs[slab]);
        if (start == 0) return false;
        bytes = new ReadOnlySpan<byte>((byte*)start + offset, length);
        return true;
    }

    private void AddSlab()
    {
        int slab;
        if (_vacant.IsEmpty) slab = _slabCount++;
        else _vacant.Remove(slab = _vacant.Min);
        if (slab >= _slabs.Length)
        {
            var slabs = new nint[Math.Max(4, _slabs.Length * 2)];
            _slabs.CopyTo(slabs, 0);
            Array.Resize(ref _inUse, slabs.Length);
            Volatile.Write(ref _slabs, slabs);
        }

        if (_slabs[slab] == 0) Volatile.Write(ref _slabs[slab], _space.Take(SlabBytes));
        _mappedCount++;
        _emptyCount++;
        // The first block of the first slab stays unused: no handle is 0.
        for (var unit = slab == 0 ? LargeUnits : 0; unit <= UnitMask; unit += LargeUnits)
            _free[MaxOrder].Add(((slab << SlabUnitBits) + unit) >> (MaxOrder - MinOrder));
    }

    // All of its blocks are free, and so all are merged.
    private void FreeSlab(int slab)
    {
        for (var unit = slab == 0 ? LargeUnits : 0; unit <= UnitMask; unit += LargeUnits)
            _free[MaxOrder].Remove(((slab << SlabUnitBits) + unit) >> (MaxOrder - MinOrder));
        NativeSpace.Forget(_slabs[slab], SlabBytes);
        _vacant.Add(slab);
        _mappedCount--;
        _emptyCount--;
    }
}
