// Hot path: the digits of every sample value that is not whole.
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PromHost.Model;

/// <summary>The ASCII digits of a number, kept in registers so that parts of them are copied without a loop.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct DecimalDigits
{
    /// <summary>How many bytes <see cref="CopyTo"/> may touch.</summary>
    public const int TouchedBytes = 32;

    private readonly Text _text;

    /// <summary>Takes a number apart.</summary>
    /// <param name="number">Below 10^20.</param>
    [SkipLocalsInit]
    public DecimalDigits(ulong number)
    {
        Count = CountDigits(number);
        var high = number / 10_000_000_000_000_000;
        var rest = number - (high * 10_000_000_000_000_000);
        var middle = rest / 100_000_000;
        Unsafe.SkipInit(out _text);
        _text[0] = EightDigits(high);
        _text[1] = EightDigits(middle);
        _text[2] = EightDigits(rest - (middle * 100_000_000));
    }

    /// <summary>The number of digits, at least 1.</summary>
    public int Count { get; }

    /// <summary>Copies the digits, and after them bytes that mean nothing.</summary>
    /// <param name="destination">At least <see cref="TouchedBytes"/> long.</param>
    /// <param name="from">The first digit to copy.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyTo(Span<byte> destination, int from = 0)
    {
        ReadOnlySpan<byte> text = MemoryMarshal.AsBytes((ReadOnlySpan<ulong>)_text);
        var start = 24 - Count + from;
        Vector256.Create(text.Slice(start, TouchedBytes)).CopyTo(destination);
    }

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

    // Halves the number three times, both halves of everything at once: 4 + 4 digits, 2 + 2, 1 + 1. First digit in the
    // lowest byte.
    private static ulong EightDigits(ulong number)
    {
        var thousands = number / 10_000;
        var fours = thousands | ((number - (thousands * 10_000)) << 32);
        var hundreds = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
        var twos = hundreds | ((fours - (hundreds * 100)) << 16);
        var tens = ((twos * 103) >> 10) & 0x0f_000f_000f_000f;
        var ones = tens | ((twos - (tens * 10)) << 8);
        return ones | 0x3030_3030_3030_3030;
    }

    // Three times eight digits; what is behind is copied along and means nothing.
    [InlineArray(7)]
    private struct Text
    {
        private ulong _first;
    }
}
