namespace PromHost.Interop.Tests;

/// <summary>
/// The server and command line under test: what was built beside these tests, or a published program that
/// <c>PROMHOST_PROGRAM</c> names. The published one is compiled ahead, as users have it: measure that one.
/// </summary>
internal static class PromHostProgram
{
    /// <summary>A program and its arguments, to be started by another one.</summary>
    public static string[] Command(params IEnumerable<string> arguments) =>
        Environment.GetEnvironmentVariable("PROMHOST_PROGRAM") is { Length: > 0 } program
            ? [program, .. arguments]
            : ["dotnet", Path.Combine(AppContext.BaseDirectory, "promhost.dll"), .. arguments];

    /// <summary>Starts it.</summary>
    public static RunningProgram Start(params IEnumerable<string> arguments)
    {
        var command = Command(arguments);
        return RunningProgram.Start(command[0], command[1..]);
    }
}
