using System.Globalization;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// A block written by promtool 3.5: 40 counters <c>requests_total</c> of which each has 12 samples, 5 sines
/// <c>temperature</c> with 300 samples in several chunks, and <c>up</c> with two samples far apart.
/// </summary>
internal static class GoldenBlock
{
    public const string Name = "01M7Z05TQB051MYM8R87EM6QNG";
    public const long MinTimeMs = 1_700_006_400_000;
    public const long MaxTimeMs = 1_700_013_585_001;

    /// <summary>The block's series in the order of their labels, with their samples.</summary>
    public static IReadOnlyList<(Labels Labels, (long T, double V)[] Samples)> Expected { get; } = MakeExpected();

    /// <summary>Puts the block into a data directory.</summary>
    public static void CopyTo(string dataPath)
    {
        var target = Path.Join(dataPath, Name);
        Directory.CreateDirectory(Path.Join(target, "chunks"));
        var source = Path.Join(AppContext.BaseDirectory, "Blocks", "Golden", Name);
        foreach (var file in new[] { "index", "meta.json", "tombstones", Path.Join("chunks", "000001") })
            File.Copy(Path.Join(source, file), Path.Join(target, file));
    }

    private static (Labels Labels, (long T, double V)[] Samples)[] MakeExpected()
    {
        var series = new List<(Labels Labels, (long T, double V)[] Samples)>();
        for (var i = 0; i < 40; i++)
        {
            series.Add((
                TestDatabase.Series(
                    "requests_total",
                    ("job", $"j{i % 4}"),
                    ("instance", string.Create(CultureInfo.InvariantCulture, $"host-{i:D3}:9100")),
                    ("code", (i % 3) switch { 0 => "200", 1 => "404", _ => "500" })),
                [.. Enumerable.Range(0, 12).Select(
                    k => (MinTimeMs + (15_000L * k) + (i * 180_000L), (double)(i * k)))]));
        }

        for (var zone = 0; zone < 5; zone++)
        {
            series.Add((
                TestDatabase.Series("temperature", ("zone", $"z{zone}"), ("place", zone == 2 ? "Zürich" : "")),
                [.. Enumerable.Range(0, 300).Select(
                    k => (MinTimeMs + (20_000L * k), Math.Sin((k / 9.0) + zone) * 20))]));
        }

        series.Add((TestDatabase.Series("up"), [(MinTimeMs, 0), (MinTimeMs + 3_000_000, 1)]));
        series.Sort((a, b) => a.Labels.CompareTo(b.Labels));
        return [.. series];
    }
}
