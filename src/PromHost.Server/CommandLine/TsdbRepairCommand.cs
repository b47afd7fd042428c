using System.CommandLine;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary><c>promhost tsdb repair</c>: repairs blocks, logs and mapped chunks of a data directory.</summary>
internal sealed class TsdbRepairCommand
{
    private readonly Argument<string> _dataPath = TsdbCommand.DataPath();

    private readonly Option<bool> _isDryRun = new("--dry-run")
    {
        Description = "Say what would be done, change nothing; exit code 1 when there is something.",
    };

    private readonly Option<string> _sandboxRoot = new("--sandbox-dir-root")
    {
        Description = "Where a dry run puts what it writes; it is removed at the end. " +
            "Without the flag: among the system's temporary files.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "",
    };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command(
            "repair",
            "Repair a data directory that no server has open: damaged blocks are written anew without what cannot be " +
            "read; damage is taken out of logs and mapped chunks as at a start of the server. Originals are kept in " +
            "promhost/quarantine.")
        {
            _dataPath, _isDryRun, _sandboxRoot,
        };
        command.SetTool((result, console, cancellationToken) =>
        {
            var isDryRun = result.GetValue(_isDryRun);
            var root = result.GetRequiredValue(_sandboxRoot);
            var steps = DataRepair.Run(
                result.GetRequiredValue(_dataPath), isDryRun, root.Length > 0 ? root : null, console.Progress.Show,
                cancellationToken);
            console.Progress.Clear();
            foreach (var step in steps) console.Output.WriteLine(step);
            if (steps.Count == 0) console.Output.WriteLine("nothing to repair");
            else console.Output.WriteLine(isDryRun ? "nothing was changed" : "repaired");
            return isDryRun && steps.Count > 0 ? 1 : 0;
        });
        return command;
    }
}
