using System.CommandLine;
using PromHost.Codecs;
using PromHost.Storage;

namespace PromHost.Server;

/// <summary>Runs a tool: what goes wrong becomes one line on the error output and exit code 1.</summary>
internal static class ToolRun
{
    /// <summary>Makes a command do something.</summary>
    /// <param name="command">The command.</param>
    /// <param name="run">Gives the exit code.</param>
    public static void SetTool(this Command command, Func<ParseResult, ToolConsole, CancellationToken, int> run) =>
        command.SetAction((result, cancellationToken) => Task.Run(
            () =>
            {
                var console = ToolConsole.Of(result.InvocationConfiguration);
                try
                {
                    return run(result, console, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    console.Progress.Clear();
                    console.Error.WriteLine("promhost: interrupted");
                    return 1;
                }
                catch (Exception error) when (error is CorruptDataException or StorageReadException or IOException
                    or UnauthorizedAccessException or NotSupportedException)
                {
                    console.Progress.Clear();
                    console.Error.WriteLine($"promhost: {error.Message}");
                    return 1;
                }
                finally
                {
                    console.Output.Flush();
                }
            },
            CancellationToken.None));
}
