using System.Globalization;
using Spectre.Console;

namespace PromHost.LoadTest;

/// <summary>Prints what was measured as one table, a column per target.</summary>
internal static class Report
{
    public static void Print(IReadOnlyList<TargetFigures> targets)
    {
        var table = new Table().AddColumn("");
        foreach (var target in targets) table.AddColumn(new TableColumn(target.Name).RightAligned());
        Row("samples", target => target.Samples.ToString("N0", CultureInfo.InvariantCulture));
        Row("requests refused", target => target.Refused.ToString(CultureInfo.InvariantCulture));
        Row("samples/s", target => target.SamplesPerSecond.ToString("N0", CultureInfo.InvariantCulture));
        Row("server CPU, µs/sample", target => Number(target.CpuMicrosecondsPerSample, "F3"));
        Row("resident memory, MiB", target => Number(target.ResidentMiB, "F0"));
        Row("  anonymous part, MiB", target => Number(target.AnonymousMiB, "F0"));
        Row("disk, bytes/sample", target => Number(target.DiskBytesPerSample, "F2"));
        Row("restart after SIGKILL, s", target => Number(target.RestartSeconds, "F2"));
        Row("append probe, longest / p99.9, ms", target => Pair(target.AppendStallMs));
        Row("query probe, longest / p99.9, ms", target => Pair(target.QueryStallMs));
        foreach (var range in targets.SelectMany(target => target.Blocks).Select(block => block.Range)
            .Distinct(StringComparer.Ordinal))
        {
            Row($"block {range}, bytes/sample", target => BytesPerSample(target, range));
        }

        foreach (var query in LoadQuery.All)
            Row(query.Name + ", ms", target => Number(target.QueryMs.GetValueOrDefault(query.Name, double.NaN), "F1"));
        AnsiConsole.Write(table);

        void Row(string name, Func<TargetFigures, string> figure) => table.AddRow([name, .. targets.Select(figure)]);
    }

    private static string Pair((double Max, double P999) times) =>
        double.IsNaN(times.Max) ? "-" : $"{Number(times.Max, "F1")} / {Number(times.P999, "F1")}";

    private static string BytesPerSample(TargetFigures target, string range)
    {
        var blocks = target.Blocks.Where(block => block.Range == range).ToList();
        return blocks.Count == 0
            ? "-"
            : Number(blocks.Sum(block => block.SizeBytes) / (double)blocks.Sum(block => block.Samples), "F3");
    }

    private static string Number(double value, string format) =>
        double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);
}
