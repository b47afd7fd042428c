// Hot path: looked up per series of every batch.
using System.Numerics;
using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// A set of numbers found by a 64-bit hash: open addressing in stripes. Readers take no lock; they may miss an entry
/// that is being added and find one that is being removed. Writers are serialized by the owner.
/// </summary>
/// <remarks>
/// <para>
/// An entry is <c>tag (23 bits) | value (40 bits)</c>, 0 when free. The tag is a part of the hash: its low bits say
/// where in the stripe to begin, so that moving entries to another table needs no hash again. The highest bit alone
/// stands where an entry was removed and others lie behind it. A table that readers may have is only added to and
/// removed from: entries change their places in a new one.
/// </para>
/// <para>
/// The tables lie outside the garbage collector's heap. One that was replaced is emptied at once, and its memory used
/// for others of its size; a reader who is still in it finds either what it looks for, since that is compared, or
/// nothing, and then looks again in the new one. No page is in tables of two sizes, but the shortest ones share some.
/// </para>
/// </remarks>
internal sealed class HashEntries
{
    private const int StripeBits = 6;
    private const int InitialLength = 16;
    private const int PageLength = 512;
    private const int MaxLength = 1 << 23;
    private const int ValueBits = 40;
    private const ulong ValueMask = (1UL << ValueBits) - 1;
    private const ulong Removed = 1UL << 63;

    private readonly NativeSpace _space = new();
    private readonly Table[] _stripes = new Table[1 << StripeBits];

    // Where each stripe has its shortest table.
    private readonly nint _initial;

    // Where tables were, by the logarithm of their length.
    private readonly Stack<nint>?[] _vacant = new Stack<nint>?[BitOperations.Log2(MaxLength) + 1];

    // Entries, and places that are not free: those with an entry and those where one was removed.
    private readonly int[] _counts = new int[1 << StripeBits];
    private readonly int[] _occupied = new int[1 << StripeBits];

    public HashEntries()
    {
        SizeBytes = _stripes.Length * InitialLength * sizeof(ulong);
        _initial = _space.Take((int)SizeBytes);
        for (var i = 0; i < _stripes.Length; i++) _stripes[i] = NewTable(i, InitialLength);
    }

    /// <summary>Says whether the value of an entry is the one looked for.</summary>
    public interface IMatch
    {
        /// <summary>Compares in full; called only when the tags are equal.</summary>
        bool Matches(ulong value);
    }

    /// <summary>Bytes of all tables.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Finds an entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind<TMatch>(ulong hash, TMatch match, out ulong value)
        where TMatch : struct, IMatch, allows ref struct
    {
        ref var stripe = ref _stripes[hash >> (64 - StripeBits)];
        var table = Volatile.Read(ref stripe);
        while (!table.TryFind(TagOf(hash), match, out value))
        {
            // One that was replaced meanwhile may have been emptied before all was looked at.
            var current = Volatile.Read(ref stripe);
            if (current == table) return false;
            table = current;
        }

        return true;
    }

    /// <summary>Adds an entry that is not there yet.</summary>
    /// <param name="hash">Its hash.</param>
    /// <param name="value">1 to 2^40 - 1; all that a reader needs to compare it is written already.</param>
    public void Add(ulong hash, ulong value)
    {
        var stripe = (int)(hash >> (64 - StripeBits));
        var table = _stripes[stripe];
        if (_occupied[stripe] >= table.Length / 4 * 3)
        {
            // Where series come and go, many of these places are marks: they need no larger table.
            var length = _counts[stripe] >= table.Length / 8 * 5 ? table.Length * 2 : table.Length;
            table = Rebuild(stripe, Math.Max(length, PageLength));
        }

        if (Place(table, (TagOf(hash) << ValueBits) | value)) _occupied[stripe]++;
        _counts[stripe]++;
    }

    /// <summary>Removes an entry that is there.</summary>
    /// <param name="hash">Its hash.</param>
    /// <param name="value">Its value; what it stands for must be kept until no reader can be comparing it.</param>
    public void Remove(ulong hash, ulong value)
    {
        var stripe = (int)(hash >> (64 - StripeBits));
        var table = _stripes[stripe];
        var mask = table.Length - 1;
        var entry = (TagOf(hash) << ValueBits) | value;
        var index = (int)(entry >> ValueBits) & mask;
        while (table[index] != entry)
        {
            if (table[index] == 0) throw new InvalidOperationException("the entry is not there");
            index = (index + 1) & mask;
        }

        Volatile.Write(ref table[index], Removed);
        _counts[stripe]--;
        // Marks that no entry follows are of no use.
        while (table[index] == Removed && table[(index + 1) & mask] == 0)
        {
            Volatile.Write(ref table[index], 0);
            _occupied[stripe]--;
            index = (index - 1) & mask;
        }

        if (table.Length > PageLength && _counts[stripe] < table.Length / 8)
            Rebuild(stripe, Math.Max(table.Length / 4, PageLength));
        else if (table.Length == PageLength && _counts[stripe] < InitialLength / 4)
            Rebuild(stripe, InitialLength);
    }

    private static ulong TagOf(ulong hash) => (hash >> 8) & 0x7F_FFFF;

    // Says whether the place was free, and not one where an entry was removed.
    private static bool Place(Table table, ulong entry)
    {
        var index = (int)(entry >> ValueBits) & (table.Length - 1);
        while (table[index] is not (0 or Removed)) index = (index + 1) & (table.Length - 1);
        var wasFree = table[index] == 0;
        Volatile.Write(ref table[index], entry);
        return wasFree;
    }

    private Table Rebuild(int stripe, int length)
    {
        if (length > MaxLength) throw new InvalidOperationException("a hash stripe is full");
        var table = _stripes[stripe];
        var rebuilt = NewTable(stripe, length);
        foreach (var entry in table.Entries)
        {
            if (entry is not (0 or Removed)) Place(rebuilt, entry);
        }

        _occupied[stripe] = _counts[stripe];
        SizeBytes += (rebuilt.Length - table.Length) * sizeof(ulong);
        Volatile.Write(ref _stripes[stripe], rebuilt);
        Vacate(table);
        return rebuilt;
    }

    private Table NewTable(int stripe, int length)
    {
        if (length == InitialLength) return new Table(_initial + (stripe * length * sizeof(ulong)), length);
        return _vacant[BitOperations.Log2((uint)length)]?.TryPop(out var start) == true
            ? new Table(start, length)
            : new Table(_space.Take(length * sizeof(ulong)), length);
    }

    private void Vacate(Table table)
    {
        // Whoever sees that it is empty sees that there is another one.
        Interlocked.MemoryBarrier();
        table.Empty();
        if (table.Length > InitialLength)
            (_vacant[BitOperations.Log2((uint)table.Length)] ??= new Stack<nint>()).Push(table.Start);
    }

    // Invariant: an object of its own for each use of its memory, by which readers know that it is still in use.
    private sealed unsafe class Table(nint start, int length)
    {
        private readonly ulong* _entries = (ulong*)start;

        public nint Start => (nint)_entries;

        public int Length { get; } = length;

        public Span<ulong> Entries => new(_entries, Length);

        // Callers keep it below the length.
        public ref ulong this[int index]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => ref _entries[index];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryFind<TMatch>(ulong tag, TMatch match, out ulong value)
            where TMatch : struct, IMatch, allows ref struct
        {
            var mask = Length - 1;
            for (var index = (int)tag & mask; ; index = (index + 1) & mask)
            {
                var entry = Volatile.Read(ref _entries[index]);
                value = entry & ValueMask;
                if (entry == 0) return false;
                if (entry >> ValueBits == tag && match.Matches(value)) return true;
            }
        }

        public void Empty()
        {
            if (Length < PageLength)
                Entries.Clear();
            else
                NativeSpace.Forget(Start, Length * sizeof(ulong));
        }
    }
}
