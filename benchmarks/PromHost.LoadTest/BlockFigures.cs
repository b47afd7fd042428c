using System.Globalization;
using System.Text.Json;

namespace PromHost.LoadTest;

/// <summary>One block of a data directory in Prometheus's format.</summary>
/// <param name="MinTimeMs">Its first timestamp.</param>
/// <param name="MaxTimeMs">The timestamp behind its last one.</param>
/// <param name="Samples">Its samples.</param>
/// <param name="SizeBytes">The size of its files.</param>
internal sealed record BlockFigures(long MinTimeMs, long MaxTimeMs, long Samples, long SizeBytes)
{
    /// <summary>The hours it covers, for a table.</summary>
    public string Range => string.Create(
        CultureInfo.InvariantCulture,
        $"{DateTimeOffset.FromUnixTimeMilliseconds(MinTimeMs):HH:mm}+{(MaxTimeMs - MinTimeMs) / 3.6e6:F1}h");

    /// <summary>Reads the blocks of a data directory, oldest first; none where there is no such directory.</summary>
    public static IReadOnlyList<BlockFigures> ReadAll(string? folder)
    {
        if (folder is null || !Directory.Exists(folder)) return [];
        var blocks = new List<BlockFigures>();
        foreach (var path in Directory.EnumerateFiles(folder, "meta.json", SearchOption.AllDirectories))
        {
            var block = Path.GetDirectoryName(path)!;
            if (block.Contains("tmp-for", StringComparison.Ordinal)) continue;
            using var meta = JsonDocument.Parse(File.ReadAllBytes(path));
            var samples = meta.RootElement.GetProperty("stats").GetProperty("numSamples").GetInt64();
            var size = new DirectoryInfo(block).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
            blocks.Add(new BlockFigures(
                meta.RootElement.GetProperty("minTime").GetInt64(),
                meta.RootElement.GetProperty("maxTime").GetInt64(),
                samples,
                size));
        }

        return [.. blocks.OrderBy(block => block.MinTimeMs)];
    }
}
