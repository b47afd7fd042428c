using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public class EpochsTests
{
    [Fact]
    public void Retire_ReleasesAtOnce_WhenNobodyIsInside()
    {
        var epochs = new Epochs();
        var isReleased = false;
        epochs.Retire(() => isReleased = true);
        Assert.True(isReleased);
    }

    [Fact]
    public void Retire_WaitsForThoseInside_ButNotForNewcomers()
    {
        var epochs = new Epochs();
        var isReleased = false;
        var reader = epochs.Enter();
        epochs.Retire(() => isReleased = true);
        var newcomer = epochs.Enter();
        Assert.False(isReleased);
        epochs.Leave(reader);
        Assert.True(isReleased);
        epochs.Leave(newcomer);
    }

    [Fact]
    public void Retire_KeepsTheOrder_WhenAnEarlierOneStillWaits()
    {
        var epochs = new Epochs();
        var released = new List<int>();
        var first = epochs.Enter();
        epochs.Retire(() => released.Add(1));
        var second = epochs.Enter();
        epochs.Retire(() => released.Add(2));
        epochs.Leave(second);
        Assert.Empty(released);
        epochs.Leave(first);
        Assert.Equal([1, 2], released);
    }

    [Fact]
    public void Retire_ReleasesWhatNobodyHolds_ForAnyOrderOfComingAndGoing()
    {
        var random = new Random(5);
        var epochs = new Epochs();
        var inside = new List<(long Epoch, int Retired)>();
        var retired = 0;
        var released = 0;
        for (var step = 0; step < 20_000; step++)
        {
            // Long stretches of coming and of going, so that many epochs are held at times.
            var isCrowded = step / 500 % 2 == 0;
            if (random.Next(10) < (isCrowded ? 6 : 3)) inside.Add((epochs.Enter(), retired));
            if (random.Next(3) == 0)
            {
                var number = retired++;
                epochs.Retire(() => Assert.Equal(released++, number));
            }

            if (inside.Count > 0 && random.Next(10) < (isCrowded ? 3 : 6))
            {
                var leaving = random.Next(inside.Count);
                epochs.Leave(inside[leaving].Epoch);
                inside.RemoveAt(leaving);
            }

            Assert.Equal(inside.Count == 0 ? retired : inside.Min(entered => entered.Retired), released);
            Assert.Equal(inside.Count, epochs.InsideCount);
        }
    }

    [Fact]
    public async Task CloseAsync_CompletesWithTheLastOne_AndLetsNobodyIn()
    {
        var epochs = new Epochs();
        var reader = epochs.Enter();
        var closed = epochs.CloseAsync();
        Assert.False(closed.IsCompleted);
        Assert.Throws<StorageUnavailableException>(() => epochs.Enter());
        epochs.Leave(reader);
        await closed;
        Assert.Equal(0, epochs.InsideCount);
    }
}
