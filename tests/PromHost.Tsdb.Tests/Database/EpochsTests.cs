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
