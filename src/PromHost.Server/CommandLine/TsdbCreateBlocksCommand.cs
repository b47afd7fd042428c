using System.CommandLine;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary><c>promhost tsdb create-blocks-from openmetrics</c>: makes blocks of a file, as promtool does.</summary>
internal sealed class TsdbCreateBlocksCommand
{
    private readonly Option<bool> _forPeople = new("--human-readable", "-r")
    {
        Description = "Write times and sizes for people.",
        Recursive = true,
    };

    private readonly Option<bool> _isQuiet = new("--quiet", "-q")
    {
        Description = "Do not list the blocks.",
        Recursive = true,
    };

    private readonly Option<string> _maxDuration = FlagKinds.Duration("--max-block-duration", "2h",
        "Longest time that a block may span: the next lower of 2h, 6h, 18h and so on is taken.", allowsZero: true);

    private readonly Option<string[]> _labels = new("--label")
    {
        Description = "A label to set on every series; may be repeated.",
        HelpName = "NAME=VALUE",
        DefaultValueFactory = _ => [],
    };

    private readonly Argument<string> _file = new("input file") { Description = "The file of OpenMetrics." };

    private readonly Argument<string> _dataPath = new("output directory")
    {
        Description = "The data directory that gets the blocks.",
        DefaultValueFactory = _ => "data/",
    };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        _maxDuration.Recursive = true;
        _maxDuration.Hidden = true;
        _labels.Validators.Add(result =>
        {
            foreach (var text in result.GetValueOrDefault<string[]>() ?? [])
            {
                if (text.IndexOf('=') <= 0) result.AddError($"--label: expected NAME=VALUE, got {text}");
            }
        });
        var command = new Command("create-blocks-from", "Make blocks of samples from elsewhere.")
        {
            _forPeople, _isQuiet, _maxDuration,
        };
        var openMetrics = new Command(
            "openmetrics",
            "Make blocks of a file of OpenMetrics, all of whose samples have times. Where it is wrong nothing is made.")
        {
            _labels, _file, _dataPath,
        };
        openMetrics.SetTool(Import);
        command.Add(openMetrics);
        return command;
    }

    private int Import(ParseResult result, ToolConsole console, CancellationToken cancellationToken)
    {
        var maxMs = (long)FlagKinds.ParseDuration(result.GetRequiredValue(_maxDuration)).TotalMilliseconds;
        var labels = result.GetRequiredValue(_labels).Select(text => KeyValuePair.Create(
            text[..text.IndexOf('=')], text[(text.IndexOf('=') + 1)..]));
        IReadOnlyList<BlockSummary> blocks;
        try
        {
            using var file = new LineFile(result.GetRequiredValue(_file));
            blocks = new OpenMetricsImport(
                file, [.. labels], BlockImport.RangeFor(maxMs), console.Progress.Show)
                .Run(result.GetRequiredValue(_dataPath), cancellationToken);
        }
        catch (ImportException error)
        {
            console.Progress.Clear();
            console.Error.WriteLine($"promhost: {error.Message}");
            return 1;
        }

        console.Progress.Clear();
        if (result.GetValue(_isQuiet)) return 0;
        var table = new BlockTable(console.Output, result.GetValue(_forPeople));
        // One by one, as promtool: the widths of columns are those of each line.
        for (var i = 0; i < blocks.Count; i++) table.Write([blocks[i]], withHeader: i == 0);
        return 0;
    }
}
