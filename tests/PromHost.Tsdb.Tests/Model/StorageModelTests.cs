using System.Globalization;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// Random operations from a seed against a model. <c>PROMHOST_MODEL_SEEDS</c> says how many seeds (default 16; the
/// nightly run takes more), from <c>PROMHOST_MODEL_FIRST_SEED</c> on, <c>PROMHOST_MODEL_OPERATIONS</c> how many
/// operations each (default 200). A seed that fails is run again with fewer operations and fewer kinds of them, and the
/// least that fails is told.
/// </summary>
public class StorageModelTests
{
    private static int Seeds => Number("PROMHOST_MODEL_SEEDS", 16);

    private static int Operations => Number("PROMHOST_MODEL_OPERATIONS", 200);

    private static int FirstSeed => Number("PROMHOST_MODEL_FIRST_SEED", 1);

    [Fact]
    public async Task RandomOperations_LeaveWhatTheModelHas()
    {
        for (var seed = FirstSeed; seed < FirstSeed + Seeds; seed++)
        {
            if (await FailureOfAsync(seed, Operations, []) is not { } failure) continue;
            Assert.Fail(await ShrinkAsync(seed, failure));
        }
    }

    private static async Task<string> ShrinkAsync(int seed, (int Operations, Exception Error) failure)
    {
        var without = new HashSet<ModelOperation>();
        foreach (var kind in Enum.GetValues<ModelOperation>())
        {
            without.Add(kind);
            if (await FailureOfAsync(seed, failure.Operations, without) is { } smaller) failure = smaller;
            else without.Remove(kind);
        }

        return $"seed {seed} fails at operation {failure.Operations} without {string.Join(", ", without)}: " +
            $"{failure.Error}";
    }

    // The number of operations up to the one that failed.
    private static async Task<(int Operations, Exception Error)?> FailureOfAsync(
        int seed, int operations, HashSet<ModelOperation> without)
    {
        await using var run = new ModelRun(seed, operations, without);
        try
        {
            await run.RunAsync();
            if (without.Count == 0 && operations >= 200)
            {
                run.Crashes.Should().BePositive();
                run.MaxBlocks.Should().BePositive();
                run.LatestAnswers.Should().BePositive();
            }

            return null;
        }
        catch (Exception error)
        {
            return (Math.Min(run.Done + 1, operations), error);
        }
    }

    private static int Number(string name, int otherwise) => int.TryParse(
        Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;
}
