// Hot path: the digits of every sample value that is not whole.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PromHost.Model;

/// <summary>
/// The ASCII digits of a number, kept in registers: parts of them are copied without a loop, and are not read from
/// memory that was written in other pieces just before.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct DecimalDigits
{
    /// <summary>How many bytes the copying methods may touch.</summary>
    public const int TouchedBytes = 1 + LastCount;

    private const int LastCount = 16;
    private const ulong LastLimit = 10_000_000_000_000_000;

    // A number of 17 digits is its first one and the last 16, a shorter one has them all in the last.
    private readonly Vector128<byte> _last;
    private readonly int _firstCount;
    private readonly byte _first;

    /// <summary>Takes a number apart.</summary>
    /// <param name="number">Below 10^17.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DecimalDigits(ulong number)
    {
        Count = CountDigits(number);
        var first = number / LastLimit;
        var last = number - (first * LastLimit);
        var high = last / 100_000_000;
        var digits = SixteenDigits(Vector128.Create(high, last - (high * 100_000_000)));
        _first = (byte)('0' + first);
        _firstCount = Count > LastCount ? 1 : 0;
        _last = From(digits, LastCount + _firstCount - Count);
    }

    /// <summary>The number of digits, 1 to 17.</summary>
    public int Count { get; }

    /// <summary>Copies the digits, and after them bytes that mean nothing.</summary>
    /// <param name="destination">At least <see cref="TouchedBytes"/> long.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyTo(Span<byte> destination)
    {
        destination[0] = _first;
        _last.CopyTo(destination[_firstCount..]);
    }

    /// <summary>Copies the digits but the first ones, and after them bytes that mean nothing.</summary>
    /// <param name="destination">At least <see cref="TouchedBytes"/> long.</param>
    /// <param name="from">The first digit to copy, 1 to <see cref="Count"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyRestTo(Span<byte> destination, int from) => From(_last, from - _firstCount).CopyTo(destination);

    // The bytes from an index on, and any behind them.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> From(Vector128<byte> bytes, int index) =>
        Vector128.ShuffleNative(bytes, Vector128.Create(Indexes.Slice(index, LastCount)));

    private static ReadOnlySpan<byte> Indexes =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CountDigits(ulong number)
    {
        // 1233 / 4096 is a little more than the logarithm of 2 to the base of 10.
        var guess = (BitOperations.Log2(number | 1) + 1) * 1233 >> 12;
        return guess + ((number | 1) >= PowersOf10[guess] ? 1 : 0);
    }

    private static ReadOnlySpan<ulong> PowersOf10 =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
        100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
        10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ];

    // As EightDigits, of both halves at once. The numbers that are divided have 27, 14 and 7 bits: products of 32 and
    // of 16 bits are exact enough.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> SixteenDigits(Vector128<ulong> eights)
    {
        if (!Sse2.IsSupported) return Vector128.Create(EightDigits(eights[0]), EightDigits(eights[1])).AsByte();
        var thousands = Sse2.Multiply(eights.AsUInt32(), Vector128.Create(3_518_437_209U)) >> 45;
        var rests = eights - Sse2.Multiply(thousands.AsUInt32(), Vector128.Create(10_000U));
        var fours = (thousands | (rests << 32)).AsUInt16();
        var hundreds = Sse2.MultiplyHigh(fours, Vector128.Create((ushort)5_243)) >> 3;
        var twos = hundreds | ((fours - (hundreds * 100)).AsUInt32() << 16).AsUInt16();
        var tens = Sse2.MultiplyHigh(twos, Vector128.Create((ushort)6_554));
        var ones = tens | ((twos - (tens * 10)) << 8);
        return ones.AsByte() | Vector128.Create((byte)'0');
    }

    // Halves the number three times, both halves of everything at once: 4 + 4 digits, 2 + 2, 1 + 1. First digit in the
    // lowest byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong EightDigits(ulong number)
    {
        var thousands = number / 10_000;
        var fours = thousands | ((number - (thousands * 10_000)) << 32);
        var hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
        var twos = hundreds | ((fours - (hundreds * 100)) << 16);
        var tens = ((twos * 103) >> 10) & 0x0f_000f_000f_000f;
        var ones = tens | ((twos - (tens * 10)) << 8);
        return ones | 0x3030_3030_3030_3030;
    }
}
