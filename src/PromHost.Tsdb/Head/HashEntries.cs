// Hot path: looked up per series of every batch.
using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// A set of numbers found by a 64-bit hash: open addressing in stripes. Readers take no lock; they may miss an entry
/// that is being added and find one that is being removed. Writers are serialized by the owner.
/// </summary>
/// <remarks>
/// An entry is <c>tag (23 bits) | value (40 bits)</c>, 0 when free. The tag is a part of the hash: its low bits say
/// where in the stripe to begin, so that moving entries to another table needs no hash again. The highest bit alone
/// stands where an entry was removed and others lie behind it. A table that readers may have is only added to and
/// removed from: entries change their places in a new one.
/// </remarks>
internal sealed class HashEntries
{
    private const int StripeBits = 6;
    private const int InitialLength = 16;
    private const int MaxLength = 1 << 23;
    private const int ValueBits = 40;
    private const ulong ValueMask = (1UL << ValueBits) - 1;
    private const ulong Removed = 1UL << 63;

    private readonly ulong[][] _stripes = new ulong[1 << StripeBits][];

    // Entries, and places that are not free: those with an entry and those where one was removed.
    private readonly int[] _counts = new int[1 << StripeBits];
    private readonly int[] _occupied = new int[1 << StripeBits];

    public HashEntries()
    {
        for (var i = 0; i < _stripes.Length; i++) _stripes[i] = new ulong[InitialLength];
        SizeBytes = _stripes.Length * InitialLength * sizeof(ulong);
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
        var table = Volatile.Read(ref _stripes[hash >> (64 - StripeBits)]);
        var tag = TagOf(hash);
        var index = (int)tag & (table.Length - 1);
        while (true)
        {
            var entry = Volatile.Read(ref table[index]);
            if (entry == 0)
            {
                value = 0;
                return false;
            }

            if (entry >> ValueBits == tag && match.Matches(entry & ValueMask))
            {
                value = entry & ValueMask;
                return true;
            }

            index = (index + 1) & (table.Length - 1);
        }
    }

    /// <summary>Adds an entry that is not there yet.</summary>
    /// <param name="hash">Its hash.</param>
    /// <param name="value">1 to 2^40 - 1; all that a reader needs to compare it is written already.</param>
    public void Add(ulong hash, ulong value)
    {
        var stripe = (int)(hash >> (64 - StripeBits));
        var table = _stripes[stripe];
        if (_occupied[stripe] >= table.Length / 4 * 3)
            table = Rebuild(stripe, _counts[stripe] >= table.Length / 8 * 3 ? table.Length * 2 : table.Length);
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

        if (table.Length > InitialLength && _counts[stripe] < table.Length / 8) Rebuild(stripe, table.Length / 4);
    }

    private static ulong TagOf(ulong hash) => (hash >> 8) & 0x7F_FFFF;

    // Says whether the place was free, and not one where an entry was removed.
    private static bool Place(ulong[] table, ulong entry)
    {
        var index = (int)(entry >> ValueBits) & (table.Length - 1);
        while (table[index] is not (0 or Removed)) index = (index + 1) & (table.Length - 1);
        var wasFree = table[index] == 0;
        Volatile.Write(ref table[index], entry);
        return wasFree;
    }

    private ulong[] Rebuild(int stripe, int length)
    {
        if (length > MaxLength) throw new InvalidOperationException("a hash stripe is full");
        var table = _stripes[stripe];
        var rebuilt = new ulong[Math.Max(length, InitialLength)];
        foreach (var entry in table)
        {
            if (entry is not (0 or Removed)) Place(rebuilt, entry);
        }

        _occupied[stripe] = _counts[stripe];
        SizeBytes += (rebuilt.Length - table.Length) * sizeof(ulong);
        Volatile.Write(ref _stripes[stripe], rebuilt);
        return rebuilt;
    }
}
