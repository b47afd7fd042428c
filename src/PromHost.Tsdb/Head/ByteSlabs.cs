// Hot path: reads happen per series of every batch.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>
/// Storage of byte strings in blocks, blocks of one size in a slab (Bonwick, The Slab Allocator, 1994), so that what is
/// freed is used again. One thread at a time adds and frees; any thread reads what was published to it. A handle is
/// below 2^40 and never 0.
/// </summary>
/// <remarks>
/// <para>
/// The owner frees a block only when nobody reads it any more (<see cref="Epochs"/>). A handle that somebody keeps in
/// spite of that may be looked at all the same: it stands for a block of the same size for ever, so that what is there
/// is the beginning of a string, or of a freed block, or zeros; never the middle of anything. Invariant: the first four
/// bytes of a block stay as they were when it was freed, until it is used again.
/// </para>
/// <para>
/// Slabs lie outside the garbage collector's heap and stay where they are; an untouched page of them costs no memory.
/// The memory of a slab without any block in use is given back; its number and place stay with the size of its blocks.
/// </para>
/// </remarks>
internal sealed class ByteSlabs
{
    private const int SlabBytes = 1 << 16;
    private const int UnitBits = 3;
    private const int OffsetBits = 13;
    private const ulong OffsetMask = (1UL << OffsetBits) - 1;
    private const int MaxSlabs = 1 << (40 - OffsetBits);
    private const int LinkOffset = 4;
    private const int NoBlock = -1;

    private readonly NativeSpace _space = new();
    private readonly ClassState[] _classes = new ClassState[SlabClasses.Count];
    private readonly Dictionary<int, Stack<int>> _vacantLarge = [];
    private Slab[] _slabs = new Slab[1];
    private SlabState[] _states = new SlabState[1];

    // Number 0 is nobody's, so that no handle is 0.
    private int _slabCount = 1;

    /// <summary>Bytes of all slabs.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Bytes of the blocks in use.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>Makes room for a string and returns its handle.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="bytes">The room, zeroed, <paramref name="length"/> long.</param>
    public ulong Add(int length, out Span<byte> bytes)
    {
        if (length > SlabClasses.MaxBlockBytes) return AddLarge(length, out bytes);
        var slabClass = SlabClasses.ClassOf(length);
        ref var state = ref _classes[slabClass];
        if (state.Current == 0 || !_states[state.Current].HasRoom) ChooseSlab(ref state, slabClass);
        ref var slab = ref _states[state.Current];
        var offset = TakeBlock(ref slab, _slabs[state.Current].Bytes);
        slab.InUse++;
        UsedBytes += slab.BlockBytes;
        bytes = _slabs[state.Current].Bytes.Slice(offset, length);
        bytes.Clear();
        return ((ulong)state.Current << OffsetBits) | ((ulong)offset >> UnitBits);
    }

    /// <summary>Frees a block: nobody reads it any more.</summary>
    public void Free(ulong handle)
    {
        var number = (int)(handle >> OffsetBits);
        ref var slab = ref _states[number];
        UsedBytes -= slab.BlockBytes;
        if (slab.BlockBytes > SlabClasses.MaxBlockBytes)
        {
            Vacate(number, VacantLarge(slab.BlockBytes));
            return;
        }

        var offset = (int)(handle & OffsetMask) << UnitBits;
        var block = _slabs[number].Bytes.Slice(offset, slab.BlockBytes);
        Poison(block);
        ref var state = ref _classes[SlabClasses.ClassOf(slab.BlockBytes)];
        var wasFull = !slab.HasRoom;
        MemoryMarshal.Write(block[LinkOffset..], slab.FirstFree);
        slab.FirstFree = offset;
        slab.InUse--;
        if (number == state.Current) return;
        if (wasFull) (state.WithRoom ??= []).Add(number);
        if (slab.InUse > 0) return;
        state.WithRoom!.Remove(number);
        Vacate(number, state.Vacant ??= new Stack<int>());
    }

    /// <summary>The bytes from the handle's place to the end of its slab.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> From(ulong handle) =>
        _slabs[(int)(handle >> OffsetBits)].From((int)(handle & OffsetMask) << UnitBits);

    private static int TakeBlock(ref SlabState slab, ReadOnlySpan<byte> bytes)
    {
        var offset = slab.FirstFree;
        if (offset != NoBlock)
        {
            slab.FirstFree = MemoryMarshal.Read<int>(bytes[(offset + LinkOffset)..]);
            return offset;
        }

        offset = slab.Begun;
        slab.Begun += slab.BlockBytes;
        return offset;
    }

    // So that whoever reads what was freed too early does not find it unharmed.
    [Conditional("DEBUG")]
    private static void Poison(Span<byte> block) => block[(LinkOffset + sizeof(int))..].Fill(0xDD);

    // The oldest slab with room, so that the younger ones become empty.
    private void ChooseSlab(ref ClassState state, int slabClass)
    {
        if (state.WithRoom is { Count: > 0 })
        {
            state.Current = state.WithRoom.Min;
            state.WithRoom.Remove(state.Current);
            return;
        }

        state.Current = state.Vacant is not null && state.Vacant.TryPop(out var vacant) ? vacant : NewNumber();
        SetSlab(state.Current, SlabBytes, SlabClasses.BlockBytes(slabClass));
    }

    private ulong AddLarge(int length, out Span<byte> bytes)
    {
        var size = SlabClasses.LargeBytes(length);
        if (!VacantLarge(size).TryPop(out var number)) number = NewNumber();
        SetSlab(number, size, size);
        UsedBytes += size;
        bytes = _slabs[number].Bytes[..length];
        return (ulong)number << OffsetBits;
    }

    private Stack<int> VacantLarge(int sizeBytes) =>
        _vacantLarge.TryGetValue(sizeBytes, out var vacant) ? vacant : _vacantLarge[sizeBytes] = new Stack<int>();

    private int NewNumber()
    {
        if (_slabCount == MaxSlabs) throw new InvalidOperationException("there are no more slabs");
        if (_slabCount == _slabs.Length)
        {
            Array.Resize(ref _states, _slabCount * 2);
            var grown = new Slab[_slabCount * 2];
            _slabs.CopyTo(grown, 0);
            Volatile.Write(ref _slabs, grown);
        }

        return _slabCount++;
    }

    private void SetSlab(int number, int sizeBytes, int blockBytes)
    {
        _states[number] = new SlabState { BlockBytes = blockBytes, FirstFree = NoBlock };
        // A vacant one has its place; no handle of a new one was published yet.
        if (_slabs[number].Bytes.IsEmpty) _slabs[number] = new Slab(_space.Take(sizeBytes), sizeBytes);
        SizeBytes += sizeBytes;
    }

    private void Vacate(int number, Stack<int> vacant)
    {
        SizeBytes -= _slabs[number].Bytes.Length;
        _slabs[number].Forget();
        vacant.Push(number);
    }

    private readonly unsafe struct Slab(nint start, int lengthBytes)
    {
        private readonly byte* _start = (byte*)start;
        private readonly int _lengthBytes = lengthBytes;

        public Span<byte> Bytes => new(_start, _lengthBytes);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Span<byte> From(int offset) => new(_start + offset, _lengthBytes - offset);

        public void Forget() => NativeSpace.Forget((nint)_start, _lengthBytes);
    }

    private struct SlabState
    {
        public int BlockBytes;
        public int InUse;

        // Blocks below this offset have been in use.
        public int Begun;

        // The freed block that was freed last; each holds the offset of the one before.
        public int FirstFree;

        public readonly bool HasRoom => FirstFree != NoBlock || Begun + BlockBytes <= SlabBytes;
    }

    private struct ClassState
    {
        // Where blocks are taken from; 0: nowhere yet.
        public int Current;

        // Other slabs with room.
        public SortedSet<int>? WithRoom;
        public Stack<int>? Vacant;
    }
}
