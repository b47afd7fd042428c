using System.CommandLine;
using PromHost.Model;
using PromHost.PromQL;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary><c>promhost tsdb dump</c> and <c>dump-openmetrics</c>: all samples, as promtool writes them.</summary>
internal sealed class TsdbDumpCommand
{
    private readonly Argument<string> _dataPath = TsdbCommand.DataPath();

    private readonly Option<string> _sandboxRoot = new("--sandbox-dir-root")
    {
        Description = "Where chunks are put that are made while the log is read; they are removed at the end. " +
            "Without the flag: among the system's temporary files.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<long> _minTime = new("--min-time")
    {
        Description = "First timestamp to dump, in milliseconds since the Unix epoch.",
        HelpName = "MS",
        DefaultValueFactory = _ => long.MinValue,
    };

    private readonly Option<long> _maxTime = new("--max-time")
    {
        Description = "Last timestamp to dump, in milliseconds since the Unix epoch.",
        HelpName = "MS",
        DefaultValueFactory = _ => long.MaxValue,
    };

    private readonly Option<string[]> _match = new("--match")
    {
        Description = "Series to dump; may be repeated.",
        HelpName = "SELECTOR",
        DefaultValueFactory = _ => ["{__name__=~'(?s:.*)'}"],
    };

    /// <summary>Builds <c>dump</c>.</summary>
    public static Command BuildPlain() => new TsdbDumpCommand().Build(
        SampleDumpFormat.Plain, "dump",
        "Write all samples: a line with the labels, the value and the milliseconds for each. Changes nothing.");

    /// <summary>Builds <c>dump-openmetrics</c>.</summary>
    public static Command BuildOpenMetrics() => new TsdbDumpCommand().Build(
        SampleDumpFormat.OpenMetrics, "dump-openmetrics",
        "Write all samples in OpenMetrics, which has no native histograms. Changes nothing.");

    private Command Build(SampleDumpFormat format, string name, string description)
    {
        var command = new Command(name, description) { _dataPath, _sandboxRoot, _minTime, _maxTime, _match };
        command.SetTool((result, console, cancellationToken) =>
        {
            if (!TryParse(result.GetRequiredValue(_match), console, out var selectors)) return 1;
            var root = result.GetRequiredValue(_sandboxRoot);
            var maxTimeMs = result.GetValue(_maxTime);
            using var database = ReadOnlyDatabase.Open(
                result.GetRequiredValue(_dataPath), root.Length > 0 ? root : null, maxTimeMs, cancellationToken);
            foreach (var problem in database.Problems) console.Error.WriteLine($"promhost: {problem}");
            var dump = new SampleDump(console.Output, format);
            Action<ToolProgress>? progress = Console.IsOutputRedirected ? console.Progress.Show : null;
            database.Visit(
                selectors, result.GetValue(_minTime), maxTimeMs, dump.Write, progress, cancellationToken);
            dump.End();
            console.Progress.Clear();
            // All that can be read is written; that something cannot is no success.
            return database.Problems.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static bool TryParse(
        string[] texts, ToolConsole console, out IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors)
    {
        try
        {
            selectors = [.. texts.Select(Parser.ParseMetricSelector)];
            return true;
        }
        catch (ParseException error)
        {
            console.Error.WriteLine($"promhost: --match: {error.Message}");
            selectors = [];
            return false;
        }
    }
}
