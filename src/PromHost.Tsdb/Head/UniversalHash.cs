// Hot path: hashes the raw labels of every series of every batch.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace PromHost.Tsdb;

/// <summary>
/// A keyed hash that stands for the bytes themselves where these are only compared: two byte strings of one length have
/// the same hash with a probability of at most 2^-128, over the keys. In memory only, never stored. Immutable.
/// </summary>
/// <remarks>
/// <para>
/// NH with a Toeplitz key (Black, Halevi, Krawczyk, Krovetz, Rogaway, UMAC: Fast and Secure Message Authentication,
/// 1999): the message is words of 32 bits, to each of which a word of the key is added modulo 2^32; neighbours are
/// multiplied, and the products added modulo 2^64. For two messages of one length, whichever they are, at most one in
/// 2^32 of the keys gives the same sum. Four such sums, each with the key shifted by two words more, are all the same
/// for at most one in 2^128 of the keys; all 256 bits of them are the hash. So the chance that any of 2^25 encodings is
/// taken for another one of 2^48 is at most 2^-55.
/// </para>
/// <para>
/// That holds for messages that do not depend on the key: it is random, and nothing of a hash leaves the process. It
/// says nothing of messages of different lengths; who compares hashes compares these too. The single bits are not
/// evenly distributed: a table takes another hash of the four words.
/// </para>
/// <para>
/// The message is taken in blocks of 32 bytes, the last of which overlaps the one before (a short one is filled with
/// zeros): different bytes make different blocks, and nothing is read behind the end. What is longer than the key is
/// hashed by HMAC-SHA-256, of which no collision is known, but nothing is proven.
/// </para>
/// </remarks>
internal sealed class UniversalHash
{
    /// <summary>What is longer, in bytes, is hashed by HMAC-SHA-256, at a multiple of the time.</summary>
    public const int MaxShortBytes = 4096;

    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = LongKeyBytes + MaxShortBytes + (3 * ShiftBytes);

    private const int LongKeyBytes = 32;
    private const int BlockBytes = 32;
    private const int ShiftBytes = 2 * sizeof(uint);

    private readonly byte[] _longKey;
    private readonly byte[] _key;

    /// <summary>Makes a hash with a random key.</summary>
    public UniversalHash()
        : this(RandomNumberGenerator.GetBytes(KeyBytes))
    {
    }

    /// <summary>Makes a hash with a key of <see cref="KeyBytes"/>.</summary>
    public UniversalHash(ReadOnlySpan<byte> key)
    {
        _longKey = key[..LongKeyBytes].ToArray();
        _key = key[LongKeyBytes..KeyBytes].ToArray();
    }

    /// <summary>Hashes the bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<ulong> Hash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length - BlockBytes is < 0 or > MaxShortBytes - BlockBytes) return HashOther(bytes);
        ref var source = ref MemoryMarshal.GetReference(bytes);
        ref var key = ref MemoryMarshal.GetArrayDataReference(_key);
        var sums = default(Sums);
        var last = (nuint)bytes.Length - BlockBytes;
        nuint position = 0;
        for (; position < last; position += BlockBytes)
            sums.Add(Vector256.LoadUnsafe(ref source, position), ref Unsafe.Add(ref key, position));
        sums.Add(Vector256.LoadUnsafe(ref source, last), ref Unsafe.Add(ref key, position));
        return sums.Total();
    }

    /// <summary>
    /// The products of the lower and the higher half of each 64 bits; the same as <see cref="Multiply"/>, where the
    /// processor has nothing for it.
    /// </summary>
    internal static Vector256<ulong> MultiplyPlainly(Vector256<ulong> pairs)
    {
        var product = pairs;
        for (var i = 0; i < Vector256<ulong>.Count; i++)
            product = product.WithElement(i, (ulong)(uint)pairs[i] * (uint)(pairs[i] >> 32));
        return product;
    }

    /// <summary>The products of the lower and the higher half of each 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<ulong> Multiply(Vector256<ulong> pairs) => Avx2.IsSupported
        ? Avx2.Multiply(pairs.AsUInt32(), (pairs >>> 32).AsUInt32())
        : MultiplyPlainly(pairs);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Vector256<ulong> HashOther(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxShortBytes)
        {
            Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(_longKey, bytes, hash);
            return Vector256.Create<byte>(hash).AsUInt64();
        }

        var sums = default(Sums);
        sums.Add(BlockOf(bytes), ref MemoryMarshal.GetArrayDataReference(_key));
        return sums.Total();
    }

    // Fewer bytes than a block, the rest of it zeros.
    private static Vector256<byte> BlockOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> block = stackalloc byte[BlockBytes];
        block.Clear();
        bytes.CopyTo(block);
        return Vector256.Create<byte>(block);
    }

    // Four sums, each in four parts.
    private struct Sums
    {
        private Vector256<ulong> _a;
        private Vector256<ulong> _b;
        private Vector256<ulong> _c;
        private Vector256<ulong> _d;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector256<byte> block, ref byte key)
        {
            _a += Product(block, ref key, 0);
            _b += Product(block, ref key, ShiftBytes);
            _c += Product(block, ref key, 2 * ShiftBytes);
            _d += Product(block, ref key, 3 * ShiftBytes);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly Vector256<ulong> Total()
        {
            if (!Avx2.IsSupported)
                return Vector256.Create(Vector256.Sum(_a), Vector256.Sum(_b), Vector256.Sum(_c), Vector256.Sum(_d));
            // Neighbours: a a b b, halves apart; then the halves.
            var ab = Avx2.UnpackLow(_a, _b) + Avx2.UnpackHigh(_a, _b);
            var cd = Avx2.UnpackLow(_c, _d) + Avx2.UnpackHigh(_c, _d);
            return Avx2.Permute2x128(ab, cd, 0x20) + Avx2.Permute2x128(ab, cd, 0x31);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<ulong> Product(Vector256<byte> block, ref byte key, nuint shiftBytes) =>
            Multiply((block.AsUInt32() + Vector256.LoadUnsafe(ref key, shiftBytes).AsUInt32()).AsUInt64());
    }
}
