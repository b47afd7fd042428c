using System.Globalization;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>How the buckets of classic histograms had to be raised to be monotonic.</summary>
/// <param name="FirstMs">The first step at which some were.</param>
/// <param name="LastMs">The last one.</param>
/// <param name="Lowest">The lowest upper bound of those.</param>
/// <param name="Highest">The highest one.</param>
/// <param name="LargestRaise">By how much a bucket was raised at most.</param>
/// <param name="Count">How many histograms were concerned, each step counted.</param>
internal readonly record struct RaisedBuckets(
    long FirstMs, long LastMs, double Lowest, double Highest, double LargestRaise, int Count)
{
    /// <summary>These and others together.</summary>
    public RaisedBuckets With(in RaisedBuckets other) => new(
        Math.Min(FirstMs, other.FirstMs),
        Math.Max(LastMs, other.LastMs),
        Math.Min(Lowest, other.Lowest),
        Math.Max(Highest, other.Highest),
        Math.Max(LargestRaise, other.LargestRaise),
        Count + other.Count);

    /// <summary>The end of the info that tells of them.</summary>
    public override string ToString() =>
        $", from buckets {GoFloat.FormatGeneral(Lowest)} to {GoFloat.FormatGeneral(Highest)}, with a max diff of " +
        string.Create(
            CultureInfo.InvariantCulture,
            $"{TwoDigits(LargestRaise)}, over {Count} samples from {Time(FirstMs)} to {Time(LastMs)}");

    /// <summary>A positive number with two significant digits as Go's <c>%.2g</c> writes it.</summary>
    internal static string TwoDigits(double value)
    {
        if (!double.IsFinite(value)) return GoFloat.FormatGeneral(value);
        if (value == 0) return "0";

        // Thirty digits tell a tie, which goes to the even digit, from what is above or below it.
        var exact = value.ToString("E30", CultureInfo.InvariantCulture);
        var exponent = int.Parse(exact.AsSpan(exact.IndexOf('E', StringComparison.Ordinal) + 1),
            NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var digits = exact.AsSpan(0, 32).ToString().Replace(".", string.Empty, StringComparison.Ordinal);
        var two = int.Parse(digits.AsSpan(0, 2), NumberStyles.None, CultureInfo.InvariantCulture);
        var rest = string.CompareOrdinal(digits[2..], "5".PadRight(29, '0'));
        if (rest > 0 || (rest == 0 && two % 2 == 1)) two++;
        if (two == 100)
        {
            two = 10;
            exponent++;
        }

        var text = two % 10 == 0 ? $"{two / 10}" : $"{two / 10}.{two % 10}";
        if (exponent is < -4 or >= 2)
        {
            var size = Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
            return $"{text}e{(exponent < 0 ? '-' : '+')}{size}";
        }

        return GoFloat.FormatPlain(double.Parse($"{two}E{exponent - 1}", CultureInfo.InvariantCulture));
    }

    private static string Time(long timeMs) => DateTimeOffset.FromUnixTimeSeconds(timeMs / 1000)
        .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
