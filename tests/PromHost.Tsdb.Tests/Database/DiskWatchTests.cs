using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

public sealed class DiskWatchTests : IDisposable
{
    private const long Mebibyte = 1 << 20;
    private readonly SimulatedDataDirectory _disk = new() { CapacityBytes = 1024 * Mebibyte };
    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLogger _log = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public async Task CreateAppender_Refuses_WhileThereIsTooLittleRoom_AndReadsGoOn()
    {
        var up = TestDatabase.Series("up");
        var options = new DatabaseOptions { DataPath = _disk.RootPath, MinFreeBytes = 10 * Mebibyte };
        await using var database = Database.Open(options, _disk, _log, _time);
        await database.ReplayAsync();
        await database.AppendAsync((up, 1, 1));
        Fill("other", 1010);
        (await database.AppendAsync((up, 2, 2))).Stored.Should().Be(1, "nobody has looked yet");
        Fill("more", 5);
        _time.FireTimers();

        var refusal = database.Invoking(d => d.CreateAppender()).Should().Throw<StorageUnavailableException>().Which;
        refusal.RetryAfter.Should().Be(options.DiskFullRetryAfter);
        // The database makes its reserve in the background: how much it has taken by now is left open.
        refusal.Message.Should().MatchRegex("[78] MiB are free, 10 MiB are kept free");
        database.ReadAll()[up].Should().Equal((1, 1.0), (2, 2.0));

        // A little above the floor, so that it does not swing.
        _disk.CapacityBytes += 2 * Mebibyte;
        _time.FireTimers();
        database.Disk!.IsLow.Should().BeTrue();
        _disk.Delete("other");
        _time.FireTimers();
        (await database.AppendAsync((up, 3, 3))).Stored.Should().Be(1);
        _log.Entries.Select(entry => entry.Event).Where(e => e is 14 or 9).Should().Equal(14, 9);
    }

    [Fact]
    public void Floor_IsAtMostASixteenthOfTheDisk()
    {
        using var watch = Watch(128 * Mebibyte);
        watch.FloorBytes.Should().Be(64 * Mebibyte);
        using var small = Watch(Mebibyte);
        small.FloorBytes.Should().Be(Mebibyte);
    }

    [Fact]
    public void Watch_LetsEverythingThrough_WithoutAFloor()
    {
        Fill("all", 1024);
        using var watch = Watch(0);
        watch.ThrowIfLow();
    }

    private DiskWatch Watch(long minFreeBytes) => new(
        _disk, new DatabaseOptions { DataPath = "", MinFreeBytes = minFreeBytes }, _log, _time);

    private void Fill(string name, int mebibytes)
    {
        using var file = _disk.Create(name);
        file.Allocate(mebibytes * Mebibyte);
    }
}
