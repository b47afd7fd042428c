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
        command.SetTool((result, console, cancellationToken) =>
            Task.FromResult(run(result, console, cancellationToken)));

    /// <summary>Makes a command do something that waits.</summary>
    /// <param name="command">The command.</param>
    /// <param name="run">Gives the exit code.</param>
    public static void SetTool(
        this Command command, Func<ParseResult, ToolConsole, CancellationToken, Task<int>> run) =>
        command.SetAction((result, cancellationToken) => Task.Run(
            async () =>
            {
                var console = ToolConsole.Of(result.InvocationConfiguration);
                try
                {
                    return await run(result, console, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    console.Progress.Clear();
                    await console.Error.WriteLineAsync("promhost: interrupted");
                    return 1;
                }
                catch (Exception error) when (error is CorruptDataException or StorageReadException or IOException
                    or UnauthorizedAccessException or NotSupportedException or ServerCallException)
                {
                    console.Progress.Clear();
                    await console.Error.WriteLineAsync($"promhost: {error.Message}");
                    return 1;
                }
                finally
                {
                    await console.Output.FlushAsync(CancellationToken.None);
                }
            },
            CancellationToken.None));
}
