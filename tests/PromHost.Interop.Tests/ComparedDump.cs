namespace PromHost.Interop.Tests;

/// <summary>What <c>promhost tsdb</c> and promtool write about the same directory.</summary>
internal static class ComparedDump
{
    /// <summary>Both write the same, line by line.</summary>
    public static async Task AssertSameAsync(params string[] arguments)
    {
        var ours = await RunOursAsync(arguments);
        var theirs = await RunPromtoolAsync(arguments);
        ours.Should().HaveCountGreaterThan(100);
        for (var i = 0; i < Math.Min(ours.Length, theirs.Length); i++)
        {
            if (!string.Equals(ours[i], theirs[i], StringComparison.Ordinal))
                Assert.Fail($"{string.Join(' ', arguments)}: line {i} is {ours[i]}, of promtool {theirs[i]}");
        }

        ours.Should().HaveCount(theirs.Length, string.Join(' ', arguments));
    }

    /// <summary>The lines that <c>promhost tsdb</c> writes.</summary>
    public static Task<string[]> RunOursAsync(params string[] arguments) =>
        RunAsync(PromHostProgram.Command(["tsdb", .. arguments]));

    /// <summary>The lines that <c>promtool tsdb</c> writes.</summary>
    public static Task<string[]> RunPromtoolAsync(params string[] arguments) =>
        RunAsync([Peers.Promtool, "tsdb", .. arguments]);

    private static async Task<string[]> RunAsync(string[] command)
    {
        await using var running = RunningProgram.Start(command[0], command[1..]);
        (await running.WaitForExitAsync()).Should().Be(0, running.Output);
        return running.Output.Split('\n');
    }
}
