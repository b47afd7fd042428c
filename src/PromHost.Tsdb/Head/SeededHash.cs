// Hot path: hashes the raw labels of every series of every batch.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace PromHost.Tsdb;

/// <summary>
/// A keyed 64-bit hash for tables in memory, never stored: products of 64 × 64 bits folded to 64, in four lanes of 16
/// bytes. The key is random, so that a sender cannot prepare labels that fall into one place. Immutable.
/// </summary>
internal sealed class SeededHash
{
    private readonly ulong _keyA;
    private readonly ulong _keyB;
    private readonly ulong _keyC;
    private readonly ulong _keyD;

    /// <summary>Makes a hash with a random key.</summary>
    public SeededHash()
        : this(RandomNumberGenerator.GetBytes(32))
    {
    }

    /// <summary>Makes a hash with a key of 32 bytes.</summary>
    public SeededHash(ReadOnlySpan<byte> key)
    {
        // The low bit keeps a lane from being multiplied by zero whatever the key is.
        _keyA = BinaryPrimitives.ReadUInt64LittleEndian(key) | 1;
        _keyB = BinaryPrimitives.ReadUInt64LittleEndian(key[8..]) | 1;
        _keyC = BinaryPrimitives.ReadUInt64LittleEndian(key[16..]) | 1;
        _keyD = BinaryPrimitives.ReadUInt64LittleEndian(key[24..]) | 1;
    }

    /// <summary>Hashes the bytes.</summary>
    public ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ref var source = ref MemoryMarshal.GetReference(bytes);
        var length = bytes.Length;
        var hash = _keyA ^ (ulong)length;
        if (length <= 16) return HashShort(ref source, length, hash);

        var position = 0;
        if (length > 64)
        {
            var laneB = _keyB;
            var laneC = _keyC;
            var laneD = _keyD;
            do
            {
                hash = Fold(Read(ref source, position) ^ _keyB, Read(ref source, position + 8) ^ hash);
                laneB = Fold(Read(ref source, position + 16) ^ _keyC, Read(ref source, position + 24) ^ laneB);
                laneC = Fold(Read(ref source, position + 32) ^ _keyD, Read(ref source, position + 40) ^ laneC);
                laneD = Fold(Read(ref source, position + 48) ^ _keyA, Read(ref source, position + 56) ^ laneD);
                position += 64;
            }
            while (length - position > 64);

            hash ^= BitOperationsMix(laneB, laneC, laneD);
        }

        while (length - position > 16)
        {
            hash = Fold(Read(ref source, position) ^ _keyB, Read(ref source, position + 8) ^ hash);
            position += 16;
        }

        // The last 16 bytes, which may overlap what was read.
        hash = Fold(Read(ref source, length - 16) ^ _keyC, Read(ref source, length - 8) ^ hash);
        return Fold(hash ^ _keyD, _keyA ^ (ulong)length);
    }

    /// <summary>Hashes bytes together with a number.</summary>
    public ulong Hash(ReadOnlySpan<byte> bytes, int number) =>
        Fold(Hash(bytes) ^ _keyB, (ulong)(uint)number ^ _keyC);

    private static ulong BitOperationsMix(ulong b, ulong c, ulong d) =>
        ulong.RotateLeft(b, 17) + (ulong.RotateLeft(c, 31) ^ ulong.RotateLeft(d, 47));

    private ulong HashShort(ref byte source, int length, ulong hash)
    {
        ulong low = 0;
        ulong high = 0;
        if (length >= 8)
        {
            low = Read(ref source, 0);
            high = Read(ref source, length - 8);
        }
        else if (length >= 4)
        {
            low = Unsafe.ReadUnaligned<uint>(ref source);
            high = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, length - 4));
        }
        else if (length > 0)
        {
            low = source | ((ulong)Unsafe.Add(ref source, length >> 1) << 8) |
                ((ulong)Unsafe.Add(ref source, length - 1) << 16);
        }

        hash = Fold(low ^ _keyC, high ^ hash);
        return Fold(hash ^ _keyD, _keyA ^ (ulong)length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read(ref byte source, int position) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, position));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
