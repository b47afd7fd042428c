using System.CommandLine;

namespace PromHost.Server.Tests;

/// <summary>Runs <c>promhost tsdb …</c> within the test.</summary>
internal static class ToolRunner
{
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var command = new RootCommand { TsdbCommand.Build() };
        var exitCode = await command.Parse(["tsdb", .. arguments]).InvokeAsync(
            new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false },
            TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), error.ToString());
    }
}
