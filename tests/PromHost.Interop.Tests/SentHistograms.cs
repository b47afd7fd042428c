using System.Globalization;
using PromHost.Chunks.Tests;
using PromHost.Model;

namespace PromHost.Interop.Tests;

/// <summary>
/// Native histograms of eight simulated hours in the order in which they are sent: integers and floats, counters and
/// gauges, custom buckets, resets, new buckets, stale markers, floats in between; some come late.
/// </summary>
internal static class SentHistograms
{
    /// <summary>Behind the last sample.</summary>
    public const long EndMs = StartMs + (16 * HourMs);

    /// <summary>The beginning of a block, near the first sample.</summary>
    public const long StartMs = 486_000 * HourMs;

    private const long HourMs = 3_600_000;
    private const long SlotMs = 600_000;
    private const long FirstMs = 1_700_000_000_000;
    private const int Series = 36;
    private const int SamplesPerSeries = 400;

    // A quarter of a minute becomes a minute.
    private const int Stretch = 4;

    /// <summary>The requests.</summary>
    public static List<List<(string Series, long TimeMs, double Value, NativeHistogram? Histogram)>> Requests()
    {
        var requests = new SortedDictionary<long, List<(string, long, double, NativeHistogram?)>>();
        for (var seed = 0; seed < Series; seed++)
        {
            var name = seed.ToString("d2", CultureInfo.InvariantCulture);
            var samples = HistogramSequence.Make(seed, SamplesPerSeries);
            var isCustom = samples.Exists(sample => !sample.Histogram.CustomBounds.IsEmpty);
            for (var i = 0; i < samples.Count; i++)
            {
                // Prometheus 3.5 logs such a marker before histograms with custom buckets that are sent with it, and
                // loses these at its next start.
                if (isCustom && StaleMarker.Is(samples[i].Histogram.Sum)) continue;
                var timeMs = StartMs + ((samples[i].TimestampMs - FirstMs) * Stretch);
                // Late ones come about an hour later, in turns with those of then.
                var slot = (timeMs / SlotMs) + (seed % 4 == 1 && i % 5 is 1 or 2 ? 6 + (i % 3) : 0);
                if (!requests.TryGetValue(slot, out var request)) requests[slot] = request = [];
                // Every sixth series is of floats now and then.
                var histogram = seed % 6 == 5 && i % 7 == 0 ? null : samples[i].Histogram;
                request.Add((name, timeMs, i, histogram));
            }
        }

        return [.. requests.Values];
    }
}
