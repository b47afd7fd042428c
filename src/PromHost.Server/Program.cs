using System.CommandLine;
using PromHost.Server;

// Stopping waits for the storage to close, however long that takes.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await ProgramCommand.RunAsync(args, Console.OpenStandardInput(), invocation);
