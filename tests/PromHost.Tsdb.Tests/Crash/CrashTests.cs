using System.Globalization;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// The story stopped at every write, every sync, and every other change of the disk in turn.
/// <c>PROMHOST_CRASH_ROUNDS</c> says how often a power cut takes something else (default 1; the nightly run takes 20).
/// </summary>
public class CrashTests
{
    private static int Rounds => int.TryParse(
        Environment.GetEnvironmentVariable("PROMHOST_CRASH_ROUNDS"),
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out var rounds) ? rounds : 1;

    [Fact]
    public Task KilledAtEveryChange_LosesNothingAcknowledged() => StopEverywhereAsync(isPowerCut: false);

    [Fact]
    public Task PowerCutAtEveryChange_LosesNothingSynced() => StopEverywhereAsync(isPowerCut: true);

    private static async Task StopEverywhereAsync(bool isPowerCut)
    {
        var rounds = isPowerCut ? Rounds : 1;
        var whole = await RunAsync(0, isPowerCut, int.MaxValue);
        whole.Should().BeGreaterThan(100);
        for (var round = 0; round < rounds; round++)
        {
            for (var stopAt = 1; stopAt <= whole; stopAt++)
                await RunAsync((round * 10_000) + stopAt, isPowerCut, stopAt);
        }
    }

    private static async Task<int> RunAsync(int seed, bool isPowerCut, int stopAt)
    {
        using var scenario = new CrashScenario(seed, isPowerCut);
        return await scenario.RunAsync(stopAt);
    }
}
