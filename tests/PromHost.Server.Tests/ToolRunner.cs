using System.CommandLine;
using System.Text;

namespace PromHost.Server.Tests;

/// <summary>Runs the commands of <c>promhost</c> within the test.</summary>
internal static class ToolRunner
{
    /// <summary>Runs <c>promhost tsdb …</c>.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunProgramAsync("", ["tsdb", .. arguments]);

    /// <summary>Runs <c>promhost …</c>.</summary>
    /// <param name="input">What is at the standard input.</param>
    /// <param name="arguments">The command line.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunProgramAsync(
        string input, params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        using var bytes = new MemoryStream(Encoding.UTF8.GetBytes(input));
        var exitCode = await ProgramCommand.RunAsync(
            arguments, bytes,
            new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false },
            TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), error.ToString());
    }
}
