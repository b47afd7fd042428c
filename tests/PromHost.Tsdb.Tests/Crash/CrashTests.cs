using System.Globalization;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// The story stopped at writes, syncs, and other changes of the disk: without <c>PROMHOST_CRASH_ROUNDS</c> at some of
/// them, with it at every one in turn, so often (a power cut takes something else each time; the nightly run takes 20).
/// </summary>
public class CrashTests
{
    private const int SampledStops = 60;

    private static int? Rounds => int.TryParse(
        Environment.GetEnvironmentVariable("PROMHOST_CRASH_ROUNDS"),
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out var rounds) ? rounds : null;

    [Fact]
    public Task KilledAtAnyChange_LosesNothingAcknowledged() => StopEverywhereAsync(isPowerCut: false);

    [Fact]
    public Task PowerCutAtAnyChange_LosesNothingSynced() => StopEverywhereAsync(isPowerCut: true);

    private static async Task StopEverywhereAsync(bool isPowerCut)
    {
        var rounds = isPowerCut ? Rounds ?? 1 : 1;
        var whole = await RunAsync(0, isPowerCut, int.MaxValue);
        whole.Should().BeGreaterThan(100);
        var stride = Rounds is null ? Math.Max(1, whole / SampledStops) : 1;
        for (var round = 0; round < rounds; round++)
        {
            for (var stopAt = 1 + (stride / 2); stopAt <= whole; stopAt += stride)
                await RunAsync((round * 10_000) + stopAt, isPowerCut, stopAt);
        }
    }

    private static async Task<int> RunAsync(int seed, bool isPowerCut, int stopAt)
    {
        using var scenario = new CrashScenario(seed, isPowerCut);
        try
        {
            return await scenario.RunAsync(stopAt);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"seed {seed}, stopped at change {stopAt}: {error.Message}", error);
        }
    }
}
