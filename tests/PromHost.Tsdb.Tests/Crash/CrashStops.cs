using System.Globalization;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// Stops a story at writes, syncs, and other changes of the disk: without <c>PROMHOST_CRASH_ROUNDS</c> at some of them,
/// with it at every one in turn, so often (a power cut takes something else each time; the nightly run takes 20).
/// </summary>
internal static class CrashStops
{
    private static int? Rounds => int.TryParse(
        Environment.GetEnvironmentVariable("PROMHOST_CRASH_ROUNDS"),
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out var rounds) ? rounds : null;

    /// <summary>Tells the story as a whole, then up to the stops.</summary>
    /// <param name="isPowerCut">Does it make a difference what a seed says?</param>
    /// <param name="sampled">The stops without the variable.</param>
    /// <param name="run">Takes a seed and the change to stop at; gives the changes it has seen.</param>
    /// <returns>The changes of the whole story.</returns>
    public static async Task<int> RunAsync(bool isPowerCut, int sampled, Func<int, int, Task<int>> run)
    {
        var rounds = isPowerCut ? Rounds ?? 1 : 1;
        var whole = await RunAsync(run, 0, int.MaxValue);
        var stride = Rounds is null ? Math.Max(1, whole / sampled) : 1;
        for (var round = 0; round < rounds; round++)
        {
            for (var stopAt = 1 + (stride / 2); stopAt <= whole; stopAt += stride)
                await RunAsync(run, (round * 10_000) + stopAt, stopAt);
        }

        return whole;
    }

    private static async Task<int> RunAsync(Func<int, int, Task<int>> run, int seed, int stopAt)
    {
        try
        {
            return await run(seed, stopAt);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"seed {seed}, stopped at change {stopAt}: {error.Message}", error);
        }
    }
}
