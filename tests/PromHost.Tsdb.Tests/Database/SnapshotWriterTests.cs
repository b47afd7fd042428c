using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Model;
using PromHost.Storage;
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
    public async Task Write_LinksBlocks_AndWritesTheHeadAsOneMore()
    {
        await using var database = await OpenAsync(_folder.Open());
        await AppendToHeadAsync(database);
        using var blocks = LoadBlocks(_folder.Open(), database);

        var name = MakeWriter(_folder.Open(), blocks, database).Write(withHead: true, Token);

        name.Should().MatchRegex("^20260304T050607Z-[0-9a-f]{16}$");
        using var copy = LoadBlocks(new DataDirectory(_folder.PathOf($"snapshots/{name}")), database);
        copy.Current.Blocks.Select(block => string.Join(',', block.Meta.Compaction.Hints))
            .Should().Equal("", BlockCompaction.FromOutOfOrder);
        copy.Current.Blocks[0].Meta.Should().BeEquivalentTo(blocks.Current.Blocks[0].Meta);
        var head = copy.Current.Blocks[1];
        (head.Meta.MinTimeMs, head.Meta.MaxTimeMs).Should()
            .Be((GoldenBlock.MaxTimeMs, GoldenBlock.MaxTimeMs + 100_001));
        using var source = new BlockChunkSource(head);
        var chunks = new List<EncodedChunk>();
        source.TryReadNext(out var labels, chunks).Should().BeTrue();
        labels.Should().Be(Up);
        chunks[^1].MaxTimeMs.Should().Be(GoldenBlock.MaxTimeMs + 100_000);
        source.TryReadNext(out _, chunks).Should().BeFalse();
    }

    [Fact]
    public async Task Write_TakesNoMoreRoomThanTheHead()
    {
        await using var database = await OpenAsync(_folder.Open());
        using var blocks = LoadBlocks(_folder.Open(), database);
        MakeWriter(_folder.Open(), blocks, database).Write(withHead: true, Token);

        // A link: what is written to one name is read under the other.
        var path = Directory.GetFiles(_folder.PathOf("snapshots"), "index", SearchOption.AllDirectories).Single();
        using var bytes = new FileStream(
            _folder.PathOf($"{GoldenBlock.Name}/index"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var length = bytes.Length;
        bytes.SetLength(length + 1);
        new FileInfo(path).Length.Should().Be(length + 1);
    }

    [Fact]
    public async Task Write_LeavesTheHeadOut_WhenToldTo()
    {
        await using var database = await OpenAsync(_folder.Open());
        await AppendToHeadAsync(database);
        using var blocks = LoadBlocks(_folder.Open(), database);

        var name = MakeWriter(_folder.Open(), blocks, database).Write(withHead: false, Token);

        Directory.GetDirectories(_folder.PathOf($"snapshots/{name}")).Select(Path.GetFileName)
            .Should().Equal(GoldenBlock.Name);
    }

    [Fact]
    public async Task Write_LeavesAllOrNothing_WhereverItIsCutOff()
    {
        await using var database = await OpenAsync(_folder.Open());
        await AppendToHeadAsync(database);
        for (var change = 1; ; change++)
        {
            var disk = new FaultyDataDirectory(_folder.Open()) { KillAtChange = int.MaxValue };
            using var blocks = LoadBlocks(disk, database);
            disk.KillAtChange = disk.Changes + change;
            try
            {
                MakeWriter(disk, blocks, database).Write(withHead: true, Token);
                change.Should().BeGreaterThan(10);
                break;
            }
            catch (SimulatedCrashException)
            {
                foreach (var whole in WholeSnapshots())
                {
                    using var copy = LoadBlocks(new DataDirectory(_folder.PathOf($"snapshots/{whole}")), database);
                    copy.Current.Blocks.Should().HaveCount(2);
                }
            }
        }

        _folder.Open().List("snapshots").Should().BeEquivalentTo(WholeSnapshots(), "what was left behind is removed");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task AppendToHeadAsync(Database database) => await database.AppendAsync(
        (Up, GoldenBlock.MaxTimeMs, 1), (Up, GoldenBlock.MaxTimeMs + 100_000, 2));

    private static BlockSet LoadBlocks(IDataDirectory directory, Database database)
    {
        var blocks = new BlockSet(directory, database.Head.Epochs, NullLogger.Instance);
        blocks.Load();
        return blocks;
    }

    private static SnapshotWriter MakeWriter(IDataDirectory directory, BlockSet blocks, Database database)
    {
        var time = new FixedTimeProvider(Now.ToUnixTimeMilliseconds());
        return new SnapshotWriter(
            directory, blocks, database.Head, new BlockWriter(directory, time, Random.Shared), time);
    }

    private IEnumerable<string> WholeSnapshots() => _folder.Open().List("snapshots")
        .Where(name => !name.EndsWith(BlockSet.CreationSuffix, StringComparison.Ordinal));
}
