using System.Globalization;
using System.Text;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary>Writes blocks as <c>promtool tsdb list</c> does.</summary>
/// <param name="output">Where.</param>
/// <param name="forPeople">Times and sizes for people instead of numbers?</param>
internal sealed class BlockTable(TextWriter output, bool forPeople)
{
    private const int MinWidth = 13;
    private const int Gap = 2;

    private static readonly string[] Header =
        ["BLOCK ULID", "MIN TIME", "MAX TIME", "DURATION", "NUM SAMPLES", "NUM CHUNKS", "NUM SERIES", "SIZE"];

    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Writes the blocks, below a header if wanted.</summary>
    public void Write(IReadOnlyCollection<BlockSummary> blocks, bool withHeader)
    {
        List<string[]> rows = [.. withHeader ? [Header] : Array.Empty<string[]>(), .. blocks.Select(Row)];
        var widths = Enumerable.Range(0, Header.Length)
            .Select(column => Math.Max(MinWidth, Gap + rows.Select(row => row[column].Length).DefaultIfEmpty().Max()))
            .ToArray();
        foreach (var row in rows)
        {
            var line = new StringBuilder();
            for (var column = 0; column < row.Length - 1; column++) line.Append(row[column].PadRight(widths[column]));
            output.Write(line.Append(row[^1]).Append('\n'));
        }
    }

    /// <summary>Bytes as Go's <c>units.Base2Bytes</c> writes them: every unit that is not zero.</summary>
    internal static string Size(long bytes)
    {
        if (bytes == 0) return "0B";
        var text = "";
        for (var unit = 0; bytes > 0; unit++, bytes /= 1024)
        {
            if (bytes % 1024 != 0) text = Number(bytes % 1024) + Units[unit] + text;
        }

        return text;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private string[] Row(BlockSummary block) =>
    [
        block.Id,
        Time(block.MinTimeMs),
        Time(block.MaxTimeMs),
        GoDurationText.Of(block.MaxTimeMs - block.MinTimeMs),
        Number(block.Samples),
        Number(block.Chunks),
        Number(block.Series),
        forPeople ? Size(block.SizeBytes) : Number(block.SizeBytes),
    ];

    private string Time(long timeMs) => forPeople && UnixTime(timeMs / 1000) is { } time
        ? time.ToString("yyyy-MM-dd HH:mm:ss +0000 'UTC'", CultureInfo.InvariantCulture)
        : Number(timeMs);

    // .NET knows the years 1 to 9999 only.
    private static DateTimeOffset? UnixTime(long seconds) =>
        seconds is >= -62_135_596_800 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
