// Hot path.
using System.Buffers.Binary;
using System.Numerics;

namespace PromHost.Model;

/// <summary>XXH64, the 64-bit xxHash (Y. Collet, "xxHash fast digest algorithm", specification 0.1.1).</summary>
public static class XxHash64
{
    private const ulong P1 = 11400714785074694791, P2 = 14029467366897019727, P3 = 1609587929392839161,
        P4 = 9650029242287828579, P5 = 2870177450012600261;

    /// <summary>The hash of <paramref name="source"/> under <paramref name="seed"/>.</summary>
    public static ulong Hash(ReadOnlySpan<byte> source, ulong seed)
    {
        var total = (ulong)source.Length;
        ulong hash;
        if (source.Length >= 32)
        {
            ulong a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1;
            while (source.Length >= 32)
            {
                a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(source));
                b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(source[8..]));
                c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(source[16..]));
                d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(source[24..]));
                source = source[32..];
            }

            hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) +
                BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
            hash = Merge(Merge(Merge(Merge(hash, a), b), c), d);
        }
        else
        {
            hash = seed + P5;
        }

        return Finish(hash + total, source);
    }

    private static ulong Finish(ulong hash, ReadOnlySpan<byte> tail)
    {
        while (tail.Length >= 8)
        {
            hash ^= Round(0, BinaryPrimitives.ReadUInt64LittleEndian(tail));
            hash = BitOperations.RotateLeft(hash, 27) * P1 + P4;
            tail = tail[8..];
        }

        if (tail.Length >= 4)
        {
            hash ^= BinaryPrimitives.ReadUInt32LittleEndian(tail) * P1;
            hash = BitOperations.RotateLeft(hash, 23) * P2 + P3;
            tail = tail[4..];
        }

        foreach (var b in tail) hash = BitOperations.RotateLeft(hash ^ (b * P5), 11) * P1;
        hash = (hash ^ (hash >> 33)) * P2;
        hash = (hash ^ (hash >> 29)) * P3;
        return hash ^ (hash >> 32);
    }

    private static ulong Round(ulong lane, ulong input) => BitOperations.RotateLeft(lane + input * P2, 31) * P1;

    private static ulong Merge(ulong hash, ulong lane) => (hash ^ Round(0, lane)) * P1 + P4;
}
