// Hot path: every sample value of every answer is written here.
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;

namespace PromHost.Model;

/// <summary>
/// Floats as Go's <c>strconv.FormatFloat</c> writes them: the fewest digits that read back to the same value.
/// </summary>
public static class GoFloat
{
    /// <summary>
    /// The room that the methods need: the longest text, which is the smallest double without exponent, and what is
    /// copied behind it.
    /// </summary>
    public const int MaxSizeBytes = 352 + DecimalDigits.TouchedBytes;

    private const double MaxExact = 1e15;

    /// <summary>Plain digits, never an exponent (format 'f'): PromQL's own texts and label values.</summary>
    /// <param name="value">Any value; NaN is <c>NaN</c>, the infinities are <c>+Inf</c> and <c>-Inf</c>.</param>
    /// <param name="destination">At least <see cref="MaxSizeBytes"/> long.</param>
    /// <returns>The number of bytes written.</returns>
    public static int WritePlain(double value, Span<byte> destination) =>
        Write(value, destination, minExponent: int.MinValue, maxExponent: int.MaxValue);

    /// <summary>
    /// As in the answers of the HTTP API: an exponent only below 1e-6 and from 1e21 on (<c>1e-07</c>, <c>1e+21</c>).
    /// </summary>
    /// <param name="value">Any value.</param>
    /// <param name="destination">At least <see cref="MaxSizeBytes"/> long.</param>
    /// <returns>The number of bytes written.</returns>
    public static int WriteJson(double value, Span<byte> destination) =>
        Write(value, destination, minExponent: -6, maxExponent: 20, twoDigitExponent: true);

    /// <summary>Like Go's <c>%g</c>: an exponent below 1e-4 and from 1e6 on (<c>1e-05</c>, <c>1e+06</c>).</summary>
    /// <param name="value">Any value.</param>
    /// <param name="destination">At least <see cref="MaxSizeBytes"/> long.</param>
    /// <returns>The number of bytes written.</returns>
    public static int WriteGeneral(double value, Span<byte> destination) =>
        Write(value, destination, minExponent: -4, maxExponent: 5, twoDigitExponent: true);

    /// <summary><see cref="WritePlain"/> as a string.</summary>
    public static string FormatPlain(double value)
    {
        Span<byte> buffer = stackalloc byte[MaxSizeBytes];
        return Encoding.ASCII.GetString(buffer[..WritePlain(value, buffer)]);
    }

    /// <summary><see cref="WriteJson"/> as a string.</summary>
    public static string FormatJson(double value)
    {
        Span<byte> buffer = stackalloc byte[MaxSizeBytes];
        return Encoding.ASCII.GetString(buffer[..WriteJson(value, buffer)]);
    }

    /// <summary><see cref="WriteGeneral"/> as a string.</summary>
    public static string FormatGeneral(double value)
    {
        Span<byte> buffer = stackalloc byte[MaxSizeBytes];
        return Encoding.ASCII.GetString(buffer[..WriteGeneral(value, buffer)]);
    }

    private static int Write(double value, Span<byte> destination, int minExponent, int maxExponent,
        bool twoDigitExponent = false)
    {
        // Most samples are whole numbers; below 1e15 their shortest digits are those of the integer.
        var wholeLimit = maxExponent < 15 ? 1e6 : MaxExact;
        if (value > -wholeLimit && value < wholeLimit)
        {
            var whole = (long)value;
            if (whole == value && (whole != 0 || !double.IsNegative(value)))
            {
                Utf8Formatter.TryFormat(whole, destination, out var size);
                return size;
            }

            if (TryThousandths(Math.Abs(value), out var thousandths))
                return WriteThousandths(thousandths, destination, double.IsNegative(value));
        }

        if (double.IsNaN(value)) return Copy("NaN"u8, destination);
        if (double.IsPositiveInfinity(value)) return Copy("+Inf"u8, destination);
        if (double.IsNegativeInfinity(value)) return Copy("-Inf"u8, destination);
        return WriteDigits(value, destination, minExponent, maxExponent, twoDigitExponent);
    }

    // Of the others most have three decimals at most. Up to 15 digits no two decimals have the same nearest double: one
    // that reads back to the value is the shortest but for the zeros at its end. A quotient of two numbers without
    // rounding errors is what reading it gives.
    private static bool TryThousandths(double value, out ulong thousandths)
    {
        const double Rounding = 1.0 / (1L << 51);
        var scaled = value * 1000;
        var whole = Math.Round(scaled);
        thousandths = (ulong)whole;
        return whole > 0 && scaled < MaxExact && Math.Abs(scaled - whole) <= scaled * Rounding && whole / 1000 == value;
    }

    private static int WriteThousandths(ulong thousandths, Span<byte> destination, bool isNegative)
    {
        destination[0] = (byte)'-';
        var written = isNegative ? 1 : 0;
        var whole = thousandths / 1000;
        var rest = (uint)(thousandths - (whole * 1000));
        Utf8Formatter.TryFormat(whole, destination[written..], out var size);
        written += size;
        var (tens, last) = Math.DivRem(rest, 10U);
        var (first, second) = Math.DivRem(tens, 10U);
        var text = (byte)'.' | ((first | (second << 8) | (last << 16) | 0x30_30_30) << 8);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[written..], text);
        if (last != 0) return written + 4;
        return written + (second != 0 ? 3 : 2);
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }

    [SkipLocalsInit]
    private static int WriteDigits(double value, Span<byte> destination, int minExponent, int maxExponent,
        bool twoDigitExponent)
    {
        var digits = new DecimalDigits(ShortestDecimal.Of(value, out var exponent));
        // The value is 0.d1d2d3… × 10^point.
        var point = digits.Count + exponent;
        var written = 0;
        if (double.IsNegative(value)) destination[written++] = (byte)'-';
        return point - 1 < minExponent || point - 1 > maxExponent
            ? WriteExponent(digits, point - 1, destination, written, twoDigitExponent)
            : WritePoint(digits, point, destination, written);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WritePoint(in DecimalDigits digits, int point, Span<byte> destination, int written)
    {
        var count = digits.Count;
        if (point <= 0)
        {
            "0.000000"u8.CopyTo(destination[written..]);
            written += 2;
            if (point < -6) destination.Slice(written, -point).Fill((byte)'0');
            written += -point;
            digits.CopyTo(destination[written..]);
            return written + count;
        }

        digits.CopyTo(destination[written..]);
        if (point >= count)
        {
            destination.Slice(written + count, point - count).Fill((byte)'0');
            return written + point;
        }

        destination[written + point] = (byte)'.';
        digits.CopyRestTo(destination[(written + point + 1)..], from: point);
        return written + count + 1;
    }

    private static int WriteExponent(in DecimalDigits digits, int exponent, Span<byte> destination, int written,
        bool twoDigits)
    {
        digits.CopyTo(destination[written..]);
        if (digits.Count > 1)
        {
            destination[written + 1] = (byte)'.';
            digits.CopyRestTo(destination[(written + 2)..], from: 1);
            written++;
        }

        written += digits.Count;

        destination[written++] = (byte)'e';
        destination[written++] = exponent < 0 ? (byte)'-' : (byte)'+';
        var size = Math.Abs(exponent);
        if (twoDigits && size < 10) destination[written++] = (byte)'0';
        Utf8Formatter.TryFormat(size, destination[written..], out var count);
        return written + count;
    }
}
