using System.Globalization;
using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Collects how often classic histograms had to be made monotonic, for one info at the end.</summary>
internal sealed class MonotonicityRepairs(QueryContext context, PositionRange position)
{
    private readonly Dictionary<string, Repairs> _byMetric = new(StringComparer.Ordinal);

    /// <summary>Notes a repair.</summary>
    /// <param name="metricName">Empty where names have been dropped.</param>
    /// <param name="timeMs">The step's time.</param>
    /// <param name="buckets">The buckets after the repair.</param>
    public void Add(string metricName, long timeMs, scoped ref ClassicBuckets buckets)
    {
        if (!_byMetric.TryGetValue(metricName, out var repairs))
        {
            repairs = new Repairs
            {
                FirstMs = timeMs,
                LastMs = timeMs,
                Lowest = buckets.LowestRaised,
                Highest = buckets.HighestRaised,
            };
            _byMetric.Add(metricName, repairs);
        }

        repairs.Count++;
        repairs.FirstMs = Math.Min(repairs.FirstMs, timeMs);
        repairs.LastMs = Math.Max(repairs.LastMs, timeMs);
        repairs.Lowest = Math.Min(repairs.Lowest, buckets.LowestRaised);
        repairs.Highest = Math.Max(repairs.Highest, buckets.HighestRaised);
        repairs.LargestRaise = Math.Max(repairs.LargestRaise, buckets.LargestRaise);
    }

    /// <summary>Adds the infos to the query's annotations.</summary>
    public void Report()
    {
        foreach (var (metricName, repairs) in _byMetric)
        {
            var metric = metricName.Length == 0 ? string.Empty : $" for metric name {GoText.Quote(metricName)}";
            context.Inform(
                position,
                "input to histogram_quantile needed to be fixed for monotonicity (see " +
                "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)" +
                $"{metric}, from buckets {GoFloat.FormatGeneral(repairs.Lowest)} to " +
                $"{GoFloat.FormatGeneral(repairs.Highest)}, with a max diff of " +
                $"{TwoDigits(repairs.LargestRaise)}, over {repairs.Count} samples from {Time(repairs.FirstMs)} to " +
                Time(repairs.LastMs));
        }
    }

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

    private sealed class Repairs
    {
        public long FirstMs { get; set; }

        public long LastMs { get; set; }

        public double Lowest { get; set; }

        public double Highest { get; set; }

        public double LargestRaise { get; set; }

        public int Count { get; set; }
    }
}
