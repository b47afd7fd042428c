using System.CommandLine;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary><c>promhost tsdb verify</c>: checks every file of a data directory and changes nothing.</summary>
internal sealed class TsdbVerifyCommand
{
    private readonly Argument<string> _dataPath = TsdbCommand.DataPath();

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command(
            "verify",
            "Check every checksum and every promise of every file: blocks, logs, checkpoints, mapped chunks. Changes " +
            "nothing; exit code 1 when something is wrong. While a server writes, the end of its log may look torn.")
        {
            _dataPath,
        };
        command.SetTool((result, console, cancellationToken) =>
        {
            var report = DataVerification.Run(
                result.GetRequiredValue(_dataPath), console.Progress.Show, cancellationToken);
            console.Progress.Clear();
            foreach (var problem in report.Problems) console.Error.WriteLine(problem);
            foreach (var note in report.Notes) console.Output.WriteLine($"unusual: {note}");
            var found = report.ProblemCount == 0 ? "no problem" : $"{report.ProblemCount} problems";
            if (report.NoteCount > 0) found += $", {report.NoteCount} unusual";
            console.Output.WriteLine($"{report.BlockCount} blocks, {report.SizeBytes} bytes checked: {found}");
            return report.ProblemCount == 0 ? 0 : 1;
        });
        return command;
    }
}
