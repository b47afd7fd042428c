using System.CommandLine;
using System.CommandLine.Invocation;

namespace PromHost.Server;

/// <summary>All of <c>promhost</c>: the server and the commands beside it.</summary>
internal static class ProgramCommand
{
    private const int WrongUsage = 2;

    /// <summary>Does what the arguments say.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="input">What is read where an expression is not given on the command line.</param>
    /// <param name="invocation">Where is written, and how the process ends.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The exit code: 0, 1 when it failed, 2 when the command line is wrong.</returns>
    public static async Task<int> RunAsync(
        string[] arguments, Stream input, InvocationConfiguration invocation,
        CancellationToken cancellationToken = default)
    {
        // A file name that begins with '@' is an argument here, not a file of arguments.
        var parsing = new ParserConfiguration { ResponseFileTokenReplacer = null };
        var command = new ServerCommand().Build(ServerProgram.RunAsync);
        command.Add(TsdbCommand.Build());
        command.Add(new QueryCommand().Build());
        command.Add(new PromqlCommand(input).Build());
        var result = command.Parse(arguments, parsing);
        if (result.Action is not ParseErrorAction error) return await result.InvokeAsync(invocation, cancellationToken);
        // The whole help would push what is wrong out of sight.
        error.ShowHelp = false;
        await invocation.Error.WriteLineAsync("promhost: the command line is wrong; --help lists the flags");
        await result.InvokeAsync(invocation, cancellationToken);
        return WrongUsage;
    }
}
