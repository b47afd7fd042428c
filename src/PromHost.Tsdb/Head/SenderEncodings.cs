// Hot path: TryGet runs per series of every batch.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PromHost.Tsdb;

/// <summary>
/// Finds series by a sender's encoding of their labels (an alias), of which a series may have several. Look-ups take no
/// lock; writers are serialized by the owner. Whoever looks up is inside an epoch.
/// </summary>
/// <remarks>
/// <para>
/// The bytes of an encoding are only ever compared, so that their <see cref="UniversalHash"/> and their length stand
/// for them. An alias is a line of the processor's cache, its series 0 as soon as it is removed:
/// <c>series (4) | length (4) | next (8) | the series' next alias (8) | free (8) | hash (32)</c>.
/// </para>
/// <para>
/// Senders repeat their series in the same order, so an alias remembers which one followed it last. That one is
/// compared first: when it is it, the index, which is in no cache when there are many series, is not touched. Any
/// thread may change <c>next</c> at any time; it is a guess and always checked, and may name an alias that is long
/// gone, which <see cref="ByteSlabs"/> allows.
/// </para>
/// </remarks>
internal sealed class SenderEncodings(SeededHash seeded)
{
    private const int AliasBytes = 64;

    private readonly UniversalHash _hash = new();
    private readonly ByteSlabs _aliases = new();
    private readonly HashEntries _index = new();

    /// <summary>Bytes of the aliases and of what finds them.</summary>
    public long SizeBytes => _aliases.SizeBytes + _index.SizeBytes;

    /// <summary>Finds a series by a sender's encoding of its labels.</summary>
    /// <param name="rawLabels">The encoding.</param>
    /// <param name="cursor">What the sender's last series left here; 0 at first.</param>
    /// <param name="series">The series when it is known.</param>
    public bool TryGet(ReadOnlySpan<byte> rawLabels, ref ulong cursor, out int series) =>
        TryGet(new AliasMatch(_aliases, rawLabels.Length, _hash.Hash(rawLabels)), ref cursor, out series);

    /// <summary>Adds an encoding unless it is there.</summary>
    /// <param name="rawLabels">The encoding.</param>
    /// <param name="series">The series, which may be found from now on.</param>
    /// <param name="first">The alias of the series that was added last, 0 if it has none.</param>
    /// <param name="cursor">As for <see cref="TryGet(ReadOnlySpan{byte}, ref ulong, out int)"/>.</param>
    /// <param name="added">The alias, which is the first one of the series now.</param>
    public bool TryAdd(ReadOnlySpan<byte> rawLabels, int series, ulong first, ref ulong cursor, out ulong added)
    {
        added = 0;
        var hash = _hash.Hash(rawLabels);
        if (TryGet(new AliasMatch(_aliases, rawLabels.Length, hash), ref cursor, out _)) return false;
        added = _aliases.Add(AliasBytes, out _);
        ref var alias = ref At(_aliases, added);
        alias.Length = rawLabels.Length;
        alias.Sibling = first;
        alias.Hash = hash;
        // Last: those who guess that it is here may look already.
        Volatile.Write(ref alias.Series, series);
        _index.Add(IndexHash(hash), added);
        if (cursor != 0) At(_aliases, cursor).Next = added;
        cursor = added;
        return true;
    }

    /// <summary>
    /// Takes all encodings of a series out of sight, at once also for those who guess that they are here.
    /// </summary>
    /// <param name="first">Its alias that was added last, or 0; to be freed when nobody looks at it any more.</param>
    public void Remove(ulong first)
    {
        for (var handle = first; handle != 0;)
        {
            ref var alias = ref At(_aliases, handle);
            _index.Remove(IndexHash(alias.Hash), handle);
            Volatile.Write(ref alias.Series, 0);
            handle = alias.Sibling;
        }
    }

    /// <summary>Frees what was removed.</summary>
    public void Free(ulong first)
    {
        for (var handle = first; handle != 0;)
        {
            var sibling = At(_aliases, handle).Sibling;
            _aliases.Free(handle);
            handle = sibling;
        }
    }

    /// <summary>The hash that an encoding has in the index.</summary>
    internal ulong IndexHash(ReadOnlySpan<byte> rawLabels) => IndexHash(_hash.Hash(rawLabels));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Alias At(ByteSlabs aliases, ulong handle) =>
        ref MemoryMarshal.AsRef<Alias>(aliases.From(handle));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryGet(AliasMatch match, ref ulong cursor, out int series)
    {
        var expected = cursor == 0 ? 0 : Volatile.Read(ref At(_aliases, cursor).Next);
        if (expected == 0 || !match.Matches(expected))
        {
            if (!_index.TryFind(IndexHash(match.Hash), match, out expected))
            {
                series = 0;
                return false;
            }

            if (cursor != 0) At(_aliases, cursor).Next = expected;
        }

        cursor = expected;
        ref var alias = ref At(_aliases, expected);
        series = alias.Series;
        PrefetchNext(in alias);
        // It may have been removed since it was compared.
        return series != 0;
    }

    // While the caller is busy with this series, the next one comes near.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void PrefetchNext(ref readonly Alias alias)
    {
        var next = alias.Next;
        // The slabs stay where they are.
        if (next != 0 && Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref At(_aliases, next)));
    }

    private ulong IndexHash(Vector256<ulong> hash) =>
        seeded.Hash(MemoryMarshal.AsBytes(new ReadOnlySpan<Vector256<ulong>>(in hash)));

    [StructLayout(LayoutKind.Explicit, Size = AliasBytes)]
    private struct Alias
    {
        [FieldOffset(0)]
        public int Series;

        [FieldOffset(4)]
        public int Length;

        [FieldOffset(8)]
        public ulong Next;

        [FieldOffset(16)]
        public ulong Sibling;

        [FieldOffset(32)]
        public Vector256<ulong> Hash;
    }

    private readonly struct AliasMatch(ByteSlabs aliases, int length, Vector256<ulong> hash) : HashEntries.IMatch
    {
        public Vector256<ulong> Hash { get; } = hash;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Matches(ulong value)
        {
            // First of all is it there? If so, it stays as it is while the reader is in its epoch.
            ref var alias = ref At(aliases, value);
            return Volatile.Read(ref alias.Series) != 0 && alias.Length == length && alias.Hash == Hash;
        }
    }
}
