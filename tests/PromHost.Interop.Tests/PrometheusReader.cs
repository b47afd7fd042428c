using System.Globalization;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>What a real Prometheus makes of a data directory. It gets a copy, so that nothing is changed.</summary>
internal static partial class PrometheusReader
{
    /// <summary>Starts Prometheus on a copy and waits until it is ready; gives the lines logged by then.</summary>
    public static async Task<IReadOnlyList<string>> OpenAsync(string dataPath)
    {
        var folder = Directory.CreateTempSubdirectory("promhost-reader-").FullName;
        try
        {
            var copy = Path.Combine(folder, "data");
            Copy(dataPath, copy);
            var config = Path.Combine(folder, "prometheus.yml");
            await File.WriteAllTextAsync(config, "");
            await using var prometheus = RunningProgram.Start(
                Peers.Prometheus,
                $"--config.file={config}",
                $"--storage.tsdb.path={copy}",
                "--storage.tsdb.retention.time=100y",
                "--web.listen-address=127.0.0.1:0");
            await prometheus.WaitForAsync(Ready());
            return prometheus.Output.Split('\n');
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The lines that tell of a repair or of anything else that should not be.</summary>
    public static IEnumerable<string> Complaints(IReadOnlyList<string> lines) =>
        lines.Where(line => Complaint().IsMatch(line) && !line.Contains("A lockfile from a previous execution") &&
            !line.Contains("Found healthy block"));

    /// <summary>
    /// Every sample of a copy, as <c>promtool tsdb dump</c> reads it: series as it writes them, with times and values.
    /// </summary>
    public static async Task<Dictionary<string, List<(long TimeMs, string Value)>>> DumpAsync(string dataPath)
    {
        var folder = Directory.CreateTempSubdirectory("promhost-dump-").FullName;
        try
        {
            var copy = Path.Combine(folder, "data");
            Copy(dataPath, copy);
            await using var promtool = RunningProgram.Start(Peers.Promtool, "tsdb", "dump", copy);
            (await promtool.WaitForExitAsync()).Should().Be(0, promtool.Output);
            var series = new Dictionary<string, List<(long, string)>>(StringComparer.Ordinal);
            foreach (var line in promtool.Output.Split('\n'))
            {
                if (Sample().Match(line) is not { Success: true } match) continue;
                var name = match.Groups["series"].Value;
                if (!series.TryGetValue(name, out var samples)) series[name] = samples = [];
                var time = long.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture);
                samples.Add((time, match.Groups["value"].Value));
            }

            return series;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The lock file stays behind: a copy of a hot directory has it too.
    internal static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }

    [GeneratedRegex("Server is ready to receive web requests", RegexOptions.None, 1000)]
    private static partial Regex Ready();

    [GeneratedRegex("level=(?:WARN|ERROR)|repair|corrupt", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Complaint();

    [GeneratedRegex(@"^(?<series>\{.*\}) (?<value>\S+) (?<time>-?\d+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();
}
