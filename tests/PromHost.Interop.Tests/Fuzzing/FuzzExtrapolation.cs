using System.Globalization;
using System.Text.RegularExpressions;
using PromHost.Model;

namespace PromHost.Interop.Tests;

/// <summary>
/// What a rate of native histograms would be in Prometheus 3.5 if it were not extrapolated to before the time at which
/// its count would have been 0; so is it since 3.6 (#16828). Calculated from the samples that were sent.
/// </summary>
/// <param name="data">All series.</param>
internal sealed partial class FuzzExtrapolation(IReadOnlyList<FuzzSeries> data)
{
    private const double Threshold = 1.1;

    /// <summary>Why answers to queries of this form may differ.</summary>
    public const string Name = "rate and increase of histograms begin where the count is 0 (3.6, #16828)";

    /// <summary>Corrects an answer of 3.5 in place; false where the query is not a rate of a metric.</summary>
    public bool Correct(string query, FuzzedAnswer answer)
    {
        if (Rate().Match(query) is not { Success: true } match) return false;
        var rangeMs = Duration(match.Groups["range"].Value);
        foreach (var (key, numbers) in answer.Points)
        {
            if (numbers.Length == 1) continue;
            var timeMs = (long)(decimal.Parse(key.Time, CultureInfo.InvariantCulture) * 1000);
            var samples = Samples(match.Groups["metric"].Value, key.Labels)
                .Where(sample => sample.TimeMs > timeMs - rangeMs && sample.TimeMs <= timeMs).ToArray();
            var perSecond = query.StartsWith("rate", StringComparison.Ordinal) ? 1000.0 / rangeMs : 1;
            var ratio = Ratio(samples, timeMs - rangeMs, timeMs, Number(numbers[1]) / perSecond);
            answer.Points[key] = [.. numbers.Select((number, i) => IsAmount(i)
                ? (Number(number) * ratio).ToString("R", CultureInfo.InvariantCulture) : number)];
        }

        return true;
    }

    // Count, sum, and of each bucket the count, which stands behind its kind and bounds.
    private static bool IsAmount(int i) => i is 1 or 3 || (i >= 4 && (i - 4) % 4 == 3);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static long Duration(string text) => text switch
    {
        "2m30s" => 150_000,
        _ => long.Parse(text[..^1], CultureInfo.InvariantCulture) * (text[^1] == 'm' ? 60_000 : 1000),
    };

    // By what the extrapolated interval is shorter when it does not begin before the count was 0.
    private static double Ratio(
        (long TimeMs, double Value, NativeHistogram? Histogram)[] samples, long startMs, long endMs, double increase)
    {
        var sampled = (double)(samples[^1].TimeMs - samples[0].TimeMs);
        var average = sampled / (samples.Length - 1);
        var toStart = Limited(samples[0].TimeMs - startMs);
        var toEnd = Limited(endMs - samples[^1].TimeMs);
        var interval = sampled + toStart + toEnd;
        var count = increase * sampled / interval;
        var toZero = count > 0 ? sampled * samples[0].Histogram!.Count / count : toStart;
        return (sampled + Math.Min(toStart, toZero) + toEnd) / interval;

        double Limited(double distance) => distance >= average * Threshold ? average / 2 : distance;
    }

    private IEnumerable<(long TimeMs, double Value, NativeHistogram? Histogram)> Samples(string metric, string labels)
    {
        var series = data.Single(one => string.Equals(one.Labels[0].Value, metric, StringComparison.Ordinal) &&
            string.Equals(
                string.Join(',', one.Labels
                    .Where(static label => !label.Name.StartsWith("__", StringComparison.Ordinal))
                    .Select(static label => $"{label.Name}={label.Value}")),
                labels, StringComparison.Ordinal));
        return series.Samples.Where(static sample => !StaleMarker.Is(sample.Histogram?.Sum ?? sample.Value));
    }

    [GeneratedRegex(@"^(rate|increase)\((?<metric>\w+)\[(?<range>\w+)\]\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rate();
}
