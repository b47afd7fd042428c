namespace PromHost.Tsdb.Tests;

/// <summary>The story stopped at writes, syncs, and other changes of the disk.</summary>
public class CrashTests
{
    private const int SampledStops = 60;

    [Fact]
    public Task KilledAtAnyChange_LosesNothingAcknowledged() => StopEverywhereAsync(isPowerCut: false);

    [Fact]
    public Task PowerCutAtAnyChange_LosesNothingSynced() => StopEverywhereAsync(isPowerCut: true);

    private static async Task StopEverywhereAsync(bool isPowerCut)
    {
        var whole = await CrashStops.RunAsync(isPowerCut, SampledStops, async (seed, stopAt) =>
        {
            using var scenario = new CrashScenario(seed, isPowerCut);
            return await scenario.RunAsync(stopAt);
        });
        whole.Should().BeGreaterThan(100);
    }
}
