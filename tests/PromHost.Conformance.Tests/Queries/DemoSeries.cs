using System.Globalization;
using PromHost.Model;

namespace PromHost.Conformance.Tests;

/// <summary>
/// The series that the upstream list of queries asks for, made up: three instances of a demo service, a sample every
/// five seconds. The same every time.
/// </summary>
internal static class DemoSeries
{
    /// <summary>Between two samples of a series.</summary>
    public const long StepMs = 5_000;

    private static readonly string[] s_bounds = ["0.0001", "0.001", "0.01", "0.1", "1", "+Inf"];

    /// <summary>Makes all series.</summary>
    /// <param name="startMs">The first sample.</param>
    /// <param name="count">Samples per series.</param>
    public static IReadOnlyList<(Labels Labels, FloatSample[] Samples)> Make(long startMs, int count)
    {
        var series = new List<(Labels, FloatSample[])>();
        var random = new Random(20_260);
        for (var instance = 0; instance < 3; instance++)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"demo.promlabs.com:1000{instance}");

            void Add(string name, Func<int, double> valueAt, params ReadOnlySpan<(string, string)> labels) =>
                series.Add((
                    Labels.FromPairs([("__name__", name), ("instance", place), ("job", "demo"), .. labels]),
                    MakeSamples(startMs, count, valueAt)));

            foreach (var type in (string[])["used", "cached", "buffers", "free"])
                Add("demo_memory_usage_bytes", Walk(random, 4e9, 1e7), ("type", type));
            Add("demo_num_cpus", _ => 4);
            foreach (var mode in (string[])["user", "system", "idle"])
                Add("demo_cpu_usage_seconds_total", Counter(random, 3), ("mode", mode));
            Add("demo_disk_usage_bytes", Counter(random, 1e6));
            Add("demo_batch_last_success_timestamp_seconds", i => (startMs / 1000) + (i / 12 * 60));
            Add("demo_intermittent_metric", i => i % 40 < 25 ? i : i % 40 == 25 ? StaleMarker.Value : double.NaN);
            foreach (var method in (string[])["GET", "POST"])
            {
                foreach (var path in (string[])["/api/foo", "/api/bar", "/api/nonexistent"])
                    AddRequests(Add, random, ("method", method), ("path", path), ("status", "200"));
            }
        }

        return series;
    }

    private delegate void AddSeries(
        string name, Func<int, double> valueAt, params ReadOnlySpan<(string Name, string Value)> labels);

    private static void AddRequests(AddSeries add, Random random, params (string, string)[] labels)
    {
        const string Name = "demo_api_request_duration_seconds";
        var buckets = new List<Func<int, double>>();
        foreach (var bound in s_bounds)
        {
            // Each bucket holds what is in those below it, and more.
            var own = Counter(random, 5, whole: true);
            var below = buckets.Count == 0 ? _ => 0 : buckets[^1];
            buckets.Add(i => below(i) + own(i));
            add(Name + "_bucket", buckets[^1], [.. labels, ("le", bound)]);
        }

        add(Name + "_count", buckets[^1], labels);
        add(Name + "_sum", Counter(random, 2), labels);
    }

    private static FloatSample[] MakeSamples(long startMs, int count, Func<int, double> valueAt)
    {
        var samples = new List<FloatSample>(count);
        for (var i = 0; i < count; i++)
        {
            var value = valueAt(i);
            // Nothing is not a number.
            if (double.IsNaN(value) && !StaleMarker.Is(value)) continue;
            samples.Add(new FloatSample(startMs + (i * StepMs), value));
        }

        return [.. samples];
    }

    private static Func<int, double> Walk(Random random, double around, double step)
    {
        var values = new List<double>();
        return i =>
        {
            while (values.Count <= i)
                values.Add((values.Count == 0 ? around : values[^1]) + Math.Round((random.NextDouble() - 0.5) * step));
            return values[i];
        };
    }

    // Starts over now and then.
    private static Func<int, double> Counter(Random random, double step, bool whole = false)
    {
        var values = new List<double>();
        return i =>
        {
            while (values.Count <= i)
            {
                var more = random.NextDouble() * step;
                var before = values.Count == 0 || random.Next(90) == 0 ? 0 : values[^1];
                values.Add(before + (whole ? Math.Floor(more) : more));
            }

            return values[i];
        };
    }
}
