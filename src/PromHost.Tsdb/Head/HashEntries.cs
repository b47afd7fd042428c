// Hot path: looked up per series of every batch.
using System.Runtime.CompilerServices;

namespace PromHost.Tsdb;

/// <summary>
/// A set of numbers found by a 64-bit hash: open addressing in stripes. Readers take no lock and may miss an entry that
/// is being added; writers are serialized by the owner.
/// </summary>
/// <remarks>
/// An entry is <c>tag (24 bits) | value (40 bits)</c>, 0 when free. The tag is a part of the hash: its low bits say
/// where in the stripe to begin, so that growing needs no hash again. Entries are never removed.
/// </remarks>
internal sealed class HashEntries
{
    private const int StripeBits = 6;
    private const int InitialLength = 16;
    private const int MaxLength = 1 << 24;
    private const int ValueBits = 40;
    private const ulong ValueMask = (1UL << ValueBits) - 1;

    private readonly ulong[][] _stripes = new ulong[1 << StripeBits][];
    private readonly int[] _counts = new int[1 << StripeBits];

    public HashEntries()
    {
        for (var i = 0; i < _stripes.Length; i++) _stripes[i] = new ulong[InitialLength];
    }

    /// <summary>Says whether the value of an entry is the one looked for.</summary>
    public interface IMatch
    {
        /// <summary>Compares in full; called only when the tags are equal.</summary>
        bool Matches(ulong value);
    }

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
        if (_counts[stripe] >= table.Length / 4 * 3) table = Grow(stripe, table);
        Place(table, (TagOf(hash) << ValueBits) | value);
        _counts[stripe]++;
    }

    private static ulong TagOf(ulong hash) => (hash >> 8) & 0xFF_FFFF;

    private static void Place(ulong[] table, ulong entry)
    {
        var index = (int)(entry >> ValueBits) & (table.Length - 1);
        while (table[index] != 0) index = (index + 1) & (table.Length - 1);
        Volatile.Write(ref table[index], entry);
    }

    private ulong[] Grow(int stripe, ulong[] table)
    {
        if (table.Length == MaxLength) throw new InvalidOperationException("a hash stripe is full");
        var grown = new ulong[table.Length * 2];
        foreach (var entry in table)
        {
            if (entry != 0) Place(grown, entry);
        }

        Volatile.Write(ref _stripes[stripe], grown);
        return grown;
    }
}
