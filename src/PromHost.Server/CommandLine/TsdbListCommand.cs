using System.CommandLine;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary><c>promhost tsdb list</c>: the blocks of a data directory, as promtool lists them.</summary>
internal sealed class TsdbListCommand
{
    private readonly Argument<string> _dataPath = TsdbCommand.DataPath();

    private readonly Option<bool> _forPeople = new("--human-readable", "-r")
    {
        Description = "Write times and sizes for people.",
    };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("list", "List the blocks.") { _dataPath, _forPeople };
        command.SetTool((result, console, _) =>
        {
            var blocks = BlockSummary.List(result.GetRequiredValue(_dataPath));
            new BlockTable(console.Output, result.GetValue(_forPeople)).Write(blocks, withHeader: true);
            return 0;
        });
        return command;
    }
}
