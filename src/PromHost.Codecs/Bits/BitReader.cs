// Hot path: several calls per histogram sample read.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PromHost.Codecs;

/// <summary>
/// Reads bits, most significant first, as <see cref="BitWriter"/> wrote them. Behind the end there are zeros: a caller
/// may read a whole sample and then ask <see cref="IsPastEnd"/> once.
/// </summary>
public ref struct BitReader
{
    /// <summary>The most bits that one <see cref="Read"/> gives, and that <see cref="Peek"/> holds at least.</summary>
    public const int MaxBits = 57;

    private readonly ReadOnlySpan<byte> _bytes;
    private long _positionBits;

    /// <summary>A reader of <paramref name="bytes"/> from a bit position on.</summary>
    /// <param name="bytes">What to read.</param>
    /// <param name="positionBits">Where to begin; not negative.</param>
    public BitReader(ReadOnlySpan<byte> bytes, long positionBits = 0)
    {
        _bytes = bytes;
        _positionBits = positionBits;
    }

    /// <summary>The bits passed so far, those before the beginning included.</summary>
    public readonly long PositionBits => _positionBits;

    /// <summary>The bits that are left; negative when there were too few.</summary>
    public readonly long RemainingBits => ((long)_bytes.Length * 8) - _positionBits;

    /// <summary>Were more bits read than there are?</summary>
    public readonly bool IsPastEnd => RemainingBits < 0;

    /// <summary>The next bits, the first of them highest; at least <see cref="MaxBits"/>, zeros follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong Peek()
    {
        var index = _positionBits >> 3;
        return index + sizeof(ulong) <= _bytes.Length
            ? BinaryPrimitives.ReadUInt64BigEndian(_bytes[(int)index..]) << (int)(_positionBits & 7)
            : PeekAtEnd();
    }

    /// <summary>Passes over bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Skip(int count) => _positionBits += count;

    /// <summary>Reads the next bits.</summary>
    /// <param name="count">1 to <see cref="MaxBits"/>.</param>
    /// <returns>The bits, right-aligned.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Read(int count)
    {
        var bits = Peek() >> (64 - count);
        _positionBits += count;
        return bits;
    }

    /// <summary>Reads 64 bits.</summary>
    public ulong Read64()
    {
        var high = Read(32);
        return (high << 32) | Read(32);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly ulong PeekAtEnd()
    {
        Span<byte> tail = stackalloc byte[sizeof(ulong)];
        tail.Clear();
        if (_positionBits < (long)_bytes.Length * 8) _bytes[(int)(_positionBits >> 3)..].CopyTo(tail);
        return BinaryPrimitives.ReadUInt64BigEndian(tail) << (int)(_positionBits & 7);
    }
}
