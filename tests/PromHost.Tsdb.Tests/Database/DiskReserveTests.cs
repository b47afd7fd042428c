namespace PromHost.Tsdb.Tests;

public sealed class DiskReserveTests : IDisposable
{
    private const int Kibibyte = 1024;
    private readonly SimulatedDataDirectory _disk = new() { CapacityBytes = 400 * Kibibyte };
    private readonly RecordingLogger _log = new();

    public void Dispose() => _disk.Dispose();

    [Fact]
    public void Spend_ReleasesTheReserve_WhenTheDiskIsFull()
    {
        var reserve = new DiskReserve(_disk, _log);
        reserve.Make(80 * Kibibyte);
        _disk.Space.FreeBytes.Should().Be(320 * Kibibyte);
        Fill("full", 320);
        var tries = 0;

        reserve.Spend(() =>
        {
            tries++;
            Fill($"try{tries}", 60);
        });

        tries.Should().Be(2);
        reserve.SizeBytes.Should().Be(0);
        _disk.FileExists("promhost/reserve").Should().BeFalse();
        // Without a reserve there is one try.
        var again = () => reserve.Spend(() => Fill("more", 60));
        again.Should().Throw<DiskFullException>();
    }

    [Fact]
    public void Make_TakesAQuarterOfTheRoomAtMost_AndKeepsWhatIsAboutRight()
    {
        var reserve = new DiskReserve(_disk, _log);
        reserve.Make(104 * Kibibyte);
        reserve.SizeBytes.Should().Be(0);
        reserve.Make(40 * Kibibyte);
        reserve.Make(20 * Kibibyte);
        reserve.SizeBytes.Should().Be(40 * Kibibyte);
        reserve.Make(8 * Kibibyte);
        reserve.SizeBytes.Should().Be(8 * Kibibyte);
        reserve.Make(100 * Kibibyte);
        reserve.SizeBytes.Should().Be(100 * Kibibyte);
        _disk.Space.FreeBytes.Should().Be(300 * Kibibyte);
    }

    [Fact]
    public void Make_KeepsWhatIsReserved_WhenThereIsNoRoomForAnother()
    {
        var reserve = new DiskReserve(_disk, _log);
        reserve.Make(80 * Kibibyte);
        Fill("full", 320);

        reserve.Make(8 * Kibibyte);

        reserve.SizeBytes.Should().Be(80 * Kibibyte);
        _disk.Space.FreeBytes.Should().Be(0);
        _disk.FileExists("promhost/reserve.tmp").Should().BeFalse();
        reserve.Spend(() => Fill("work", _disk.Space.FreeBytes > 0 ? 80 : 1));
        _disk.FileExists("work").Should().BeTrue();
    }

    [Fact]
    public void Find_TakesOverWhatAnEarlierProcessReserved()
    {
        new DiskReserve(_disk, _log).Make(80 * Kibibyte);
        var reserve = new DiskReserve(_disk, _log);
        reserve.Find();
        reserve.SizeBytes.Should().Be(80 * Kibibyte);
        _disk.Delete("promhost/reserve");
        var none = new DiskReserve(_disk, _log);
        none.Find();
        none.SizeBytes.Should().Be(0);
    }

    [Fact]
    public void Allocate_MakesTheFileAsLong()
    {
        using var root = new TemporaryDirectory();
        using (var file = root.Open().Create("a")) file.Allocate((1 << 20) + 1);

        using var read = root.Open().OpenRead("a");
        read.Length.Should().Be((1 << 20) + 1);
    }

    private void Fill(string name, int kibibytes)
    {
        try
        {
            using var file = _disk.Create(name);
            file.Allocate(kibibytes * Kibibyte);
        }
        catch (DiskFullException)
        {
            _disk.Delete(name);
            throw;
        }
    }
}
