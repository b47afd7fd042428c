// Hot path: every sample value that is not whole is taken apart here.
using System.Numerics;
using System.Runtime.CompilerServices;

namespace PromHost.Model;

/// <summary>
/// Finds the decimal with the fewest digits that reads back to a double, of those the nearest to it. The algorithm is
/// Schubfach: Raffaello Giulietti, "The Schubfach way to render doubles", 2020.
/// </summary>
/// <remarks>
/// The interval of decimals that round to <c>c·2^q</c> is scaled by a power of ten such that it is 1 to 10 units wide.
/// Then only four candidates remain: the value rounded down and up to one unit and to ten units. The scaling is a
/// product of 64 and 128 bits that keeps of the lost bits only whether there were any, which is enough to compare.
/// </remarks>
internal static class ShortestDecimal
{
    private const int MinPower = -292, MaxPower = 324;
    private const int SignificandBits = 52, ExponentBias = 1075;

    private static readonly UInt128[] Powers = ComputePowers();

    /// <summary>Takes a number apart into <c>digits·10^exponent</c>, digits without trailing zeros.</summary>
    /// <param name="value">Any finite number; the sign is left out.</param>
    /// <param name="exponent">The power of ten.</param>
    /// <returns>At most 17 digits; 0 only for zero.</returns>
    [SkipLocalsInit]
    public static ulong Of(double value, out int exponent)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var fraction = bits & ((1UL << SignificandBits) - 1);
        var biased = (int)(bits >> SignificandBits) & 0x7ff;
        if (fraction == 0 && biased == 0)
        {
            exponent = 0;
            return 0;
        }

        var significand = biased == 0 ? fraction : fraction | (1UL << SignificandBits);
        var power = Math.Max(1, biased) - ExponentBias;
        if (fraction == 0 || biased == 0 || !TryShorten(significand, power, out var digits, out exponent))
            digits = Shorten(significand, power, fraction == 0 && biased > 1, out exponent);
        return StripZeros(digits, ref exponent);
    }

    // With one product: where the numbers below are as dense as those above, the distance of the value to its
    // candidates decides. The nearest whole unit is always inside, since the interval is at least a unit wide. Gives up
    // when a distance is so near to what it is compared with that the bits left out could matter.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryShorten(ulong significand, int power, out ulong digits, out int exponent)
    {
        // A distance is a number of 2^-60 units, and less than 3 of them wrong.
        const int DistanceBits = 60;
        const ulong Doubt = 4, Ten = 10UL << DistanceBits;
        exponent = (power * 1262611) >> 22;
        var shift = power + FloorLog2OfPowerOf10(-exponent) + 1;
        var scale = Powers[-exponent - MinPower];
        var units = Math.BigMul((ulong)(scale >> 64), significand << shift, out var fraction);
        var carry = Math.BigMul((ulong)scale, significand << shift, out _);
        fraction += carry;
        if (fraction < carry) units++;

        var tens = units / 10;
        var below = ((units - (tens * 10)) << DistanceBits) | (fraction >> (64 - DistanceBits));
        var above = Ten - below;
        var half = (ulong)(scale >> 64) >> (5 - shift);
        var middle = fraction - (1UL << 63);
        var isClear = below - half + Doubt > 2 * Doubt && above - half + Doubt > 2 * Doubt &&
            middle + (Doubt << 4) > 2 * (Doubt << 4);
        var isShorter = below < half || above < half;
        digits = isShorter ? tens + (above < half ? 1UL : 0) : units + (fraction >> 63);
        exponent += isShorter ? 1 : 0;
        return isClear;
    }

    // The value is significand·2^power. At a power of two the numbers below are twice as dense as those above.
    private static ulong Shorten(ulong significand, int power, bool isPower, out int exponent)
    {
        var isEven = (significand & 1) == 0;
        // Four times the value and the bounds of its interval, which lie half way to the neighbours.
        var quarter = significand * 4;
        var lowerQuarter = quarter - (isPower ? 1UL : 2UL);
        var upperQuarter = quarter + 2;
        exponent = ((power * 1262611) - (isPower ? 524031 : 0)) >> 22;
        var shift = power + FloorLog2OfPowerOf10(-exponent) + 1;
        var scale = Powers[-exponent - MinPower];
        var lower = Scale(scale, lowerQuarter << shift);
        var scaled = Scale(scale, quarter << shift);
        var upper = Scale(scale, upperQuarter << shift);
        // Bounds belong to the interval where ties round to this number.
        if (!isEven)
        {
            lower++;
            upper--;
        }

        var units = scaled / 4;
        if (units >= 10)
        {
            var tens = units / 10;
            var isDownInside = lower <= 40 * tens;
            var isUpInside = (40 * tens) + 40 <= upper;
            if (isDownInside != isUpInside)
            {
                exponent++;
                return isUpInside ? tens + 1 : tens;
            }
        }

        // Which of the two it is depends on the value's last bits: chance, which a branch would guess wrong each second
        // time.
        var downInside = lower <= 4 * units ? 1U : 0U;
        var upInside = (4 * units) + 4 <= upper ? 1U : 0U;
        var middle = (4 * units) + 2;
        var nearerUp = (scaled > middle ? 1U : 0U) | ((scaled == middle ? 1U : 0U) & (uint)units);
        return units + ((downInside ^ upInside) & upInside | ~(downInside ^ upInside) & nearerUp & 1U);
    }

    // The upper 64 of 192 bits; the lowest of them is set when any bit below is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Scale(UInt128 scale, ulong number)
    {
        var lowHigh = Math.BigMul((ulong)scale, number, out _);
        var high = Math.BigMul((ulong)(scale >> 64), number, out var middle);
        middle += lowHigh;
        if (middle < lowHigh) high++;
        return high | (middle > 1 ? 1UL : 0UL);
    }

    private static ulong StripZeros(ulong digits, ref int exponent)
    {
        // Long values rarely end in a zero, short ones in many.
        if (digits % 10 != 0) return digits;
        while (TryStrip(ref digits, 100_000_000)) exponent += 8;
        if (TryStrip(ref digits, 10_000)) exponent += 4;
        if (TryStrip(ref digits, 100)) exponent += 2;
        if (TryStrip(ref digits, 10)) exponent++;
        return digits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryStrip(ref ulong digits, ulong power)
    {
        var (quotient, remainder) = Math.DivRem(digits, power);
        if (remainder != 0) return false;
        digits = quotient;
        return true;
    }

    private static int FloorLog2OfPowerOf10(int power) => (power * 1741647) >> 19;

    // 10^power with 128 significant bits, rounded up.
    private static UInt128[] ComputePowers()
    {
        var powers = new UInt128[MaxPower - MinPower + 1];
        for (var power = MinPower; power <= MaxPower; power++)
        {
            var shift = 127 - FloorLog2OfPowerOf10(power);
            var exact = BigInteger.Pow(10, Math.Abs(power));
            BigInteger scaled;
            if (power < 0) scaled = ((BigInteger.One << shift) + exact - 1) / exact;
            else if (shift >= 0) scaled = exact << shift;
            else scaled = (exact + (BigInteger.One << -shift) - 1) >> -shift;
            powers[power - MinPower] = (UInt128)scaled;
        }

        return powers;
    }
}
