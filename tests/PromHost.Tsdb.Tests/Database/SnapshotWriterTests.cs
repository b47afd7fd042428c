using PromHost.Model;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

public sealed class SnapshotWriterTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly Labels Up = Series("up");
    private readonly TemporaryDirectory _folder = new();

    public SnapshotWriterTests() => GoldenBlock.CopyTo(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RunAsync_LinksBlocks_AndWritesTheHeadAsMore()
    {
        await using var database = await OpenAsync(_folder.Open());
        await AppendToHeadAsync(database);

        var name = await MakeWriter(_folder.Open(), database.Blocks, database)
            .RunAsync(database.FreezeOutOfOrderAsync, Token);

        name.Should().MatchRegex("^20260304T050607Z-[0-9a-f]{16}$");
        await using (var copy = await OpenAsync(new DataDirectory(_folder.PathOf($"snapshots/{name}"))))
        {
            copy.ReadAll().ShouldHold(database.ReadAll());
            copy.ReadAll()[Up].Select(sample => sample.V).Should().EndWith([1, 1.5, 2]);
            var blocks = copy.GetBlocks();
            blocks.Select(block => string.Join(',', block.Hints)).Should()
                .Equal("", BlockCompaction.FromOutOfOrder, BlockCompaction.FromOutOfOrder);
            blocks[0].Should().BeEquivalentTo(database.GetBlocks().Single());
            (blocks[1].MinTimeMs, blocks[1].MaxTimeMs).Should().Be((FirstMs, FirstMs + 100_001));
        }
    }

    [Fact]
    public async Task RunAsync_TakesNoMoreRoomThanTheHead()
    {
        await using var database = await OpenAsync(_folder.Open());
        await MakeWriter(_folder.Open(), database.Blocks, database).RunAsync(database.FreezeOutOfOrderAsync, Token);

        // A link: what is written to one name is read under the other.
        var path = Directory.GetFiles(_folder.PathOf("snapshots"), "index", SearchOption.AllDirectories).Single();
        using var bytes = new FileStream(
            _folder.PathOf($"{GoldenBlock.Name}/index"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var length = bytes.Length;
        bytes.SetLength(length + 1);
        new FileInfo(path).Length.Should().Be(length + 1);
    }

    [Fact]
    public async Task RunAsync_LeavesTheHeadOut_WhenToldTo()
    {
        await using var database = await OpenAsync(_folder.Open());
        await AppendToHeadAsync(database);

        var name = await database.SnapshotAsync(withHead: false, Token);

        Directory.GetDirectories(_folder.PathOf($"snapshots/{name}")).Select(Path.GetFileName)
            .Should().Equal(GoldenBlock.Name);
    }

    [Fact]
    public async Task RunAsync_LeavesAllOrNothing_WhereverItIsCutOff()
    {
        await using var database = await OpenAsync(_folder.Open());
        await AppendToHeadAsync(database);
        for (var change = 1; ; change++)
        {
            var disk = new FaultyDataDirectory(_folder.Open()) { KillAtChange = change };
            try
            {
                await MakeWriter(disk, database.Blocks, database).RunAsync(database.FreezeOutOfOrderAsync, Token);
                change.Should().BeGreaterThan(10);
                break;
            }
            catch (SimulatedCrashException)
            {
                foreach (var whole in WholeSnapshots())
                    _folder.Open().List($"snapshots/{whole}").Should().HaveCount(3);
            }
        }

        _folder.Open().List("snapshots").Should().BeEquivalentTo(WholeSnapshots(), "what was left behind is removed");
    }

    private static long FirstMs => GoldenBlock.MaxTimeMs;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The last one comes out of order.
    private static async Task AppendToHeadAsync(Database database) => await database.AppendAsync(
        (Up, FirstMs, 1), (Up, FirstMs + 100_000, 2), (Up, FirstMs + 50_000, 1.5));

    private static SnapshotWriter MakeWriter(IDataDirectory directory, BlockSet blocks, Database database) =>
        new(directory, blocks, database.Head, new FixedTimeProvider(Now.ToUnixTimeMilliseconds()));

    private IEnumerable<string> WholeSnapshots() => _folder.Open().List("snapshots")
        .Where(name => !name.EndsWith(BlockSet.CreationSuffix, StringComparison.Ordinal));
}
