using System.CommandLine;
using System.CommandLine.Invocation;
using PromHost.Server;

// A file name that begins with '@' is an argument here, not a file of arguments.
var parsing = new ParserConfiguration { ResponseFileTokenReplacer = null };
// Stopping waits for the storage to close, however long that takes.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null };
var command = new ServerCommand().Build(ServerProgram.RunAsync);
command.Add(TsdbCommand.Build());
var result = command.Parse(args, parsing);
if (result.Action is ParseErrorAction error)
{
    // The whole help would push what is wrong out of sight.
    error.ShowHelp = false;
    await Console.Error.WriteLineAsync("promhost: the command line is wrong; --help lists the flags");
}

return await result.InvokeAsync(invocation);
