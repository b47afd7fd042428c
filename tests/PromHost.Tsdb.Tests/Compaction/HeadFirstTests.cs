using PromHost.Codecs;
using PromHost.Model;
using static PromHost.Tsdb.Tests.TestDatabase;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb.Tests;

/// <summary>Blocks are merged, and meanwhile so much comes that the head has to be compacted.</summary>
public sealed class HeadFirstTests : IDisposable
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;

    // The beginning of a block of 2 hours, of one of 6 and of one of 18.
    private const long Start = 486_000 * Hour;

    private readonly TemporaryDirectory _folder = new();
    private readonly FaultyDataDirectory _directory;

    // So many that a merge pauses between two of them.
    private readonly SimulatedScrapes _scrapes = new(300, 5 * Minute);

    public HeadFirstTests() => _directory = new FaultyDataDirectory(_folder.Open());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RunAsync_WritesTheHead_BeforeTheMergeIsDone()
    {
        await using (var database = await OpenAsync(_directory))
        {
            await AppendUntilAMergeIsDueAsync(database);
            var seen = new List<string>();
            WhenBlocksAreMerged(database, () =>
            {
                _scrapes.AppendAsync(database, Hours(10.5), Hours(14)).GetAwaiter().GetResult();
                _directory.BeforeSync = () => seen.Add(Ranges(database));
            });
            await RunAsync(database);

            Assert.Contains("0-2 2-4 4-6 6-8 8-10 10-12", seen, StringComparer.Ordinal);
            Assert.Equal("0-6 6-8 8-10 10-12", Ranges(database));
            Assert.Equal(Hours(12), database.Blocks.Current.HeadMinTimeMs);
            Assert.True(database.Head.Appender.MinTimeMs >= Hours(12));
            Assert.Equal((0, 7), (database.Maintenance!.Metrics.Failed, database.Maintenance.Metrics.Runs));
            database.ReadAll().ShouldHold(_scrapes.Expected);
        }

        await AssertReopenedAsync("0-6 6-8 8-10 10-12", _scrapes.Expected);
    }

    [Fact]
    public async Task RunAsync_MergesWhatCameLateForTheParents_AfterThem()
    {
        await using (var database = await OpenAsync(_directory, WithLongWindow))
        {
            await AppendUntilAMergeIsDueAsync(database);
            WhenBlocksAreMerged(database, () =>
            {
                // One for a block that stays as it is, two for parents.
                for (var hour = 9; hour > 0; hour -= 4)
                    _scrapes.AppendAsync(database, Hours(hour) + 3).GetAwaiter().GetResult();
                _scrapes.AppendAsync(database, Hours(10.5), Hours(14)).GetAwaiter().GetResult();
            });
            await RunAsync(database);

            Assert.Equal("0-6 6-8 8-10 10-12", Ranges(database));
            Assert.True(database.Maintenance!.Metrics.Vertical > 0);
            Assert.All(
                database.Blocks.Current.Blocks, block => Assert.False(block.Meta.Compaction.IsPartial()));
            database.ReadAll().ShouldHold(_scrapes.Expected);
        }

        await AssertReopenedAsync("0-6 6-8 8-10 10-12", _scrapes.Expected);
    }

    [Fact]
    public async Task RunAsync_KeepsDeletions_FromBeforeTheMergeAndFromMeanwhile()
    {
        Dictionary<Labels, List<(long T, double V)>> expected;
        await using (var database = await OpenAsync(_directory))
        {
            await _scrapes.AppendAsync(database, Start, Hours(9));
            await RunAsync(database);
            await DeleteAsync(database, 0);
            await _scrapes.AppendAsync(database, Hours(9), Hours(10.5));
            var deletion = Task.CompletedTask;
            WhenBlocksAreMerged(database, () =>
            {
                deletion = DeleteAsync(database, 1);
                _scrapes.AppendAsync(database, Hours(10.5), Hours(14)).GetAwaiter().GetResult();
            });
            await RunAsync(database);
            await deletion;

            Assert.Equal("0-6 6-8 8-10 10-12", Ranges(database));
            expected = _scrapes.Expected;
            foreach (var (labels, samples) in expected)
            {
                if (labels == SimulatedScrapes.LabelsOf(0) || labels == SimulatedScrapes.LabelsOf(1))
                    samples.RemoveAll(sample => sample.T >= Hours(1) && sample.T <= Hours(8.5));
            }

            database.ReadAll().ShouldHold(expected);
        }

        await AssertReopenedAsync("0-6 6-8 8-10 10-12", expected);

        static Task DeleteAsync(Database database, int series) => database.DeleteSeriesAsync(
            Hours(1),
            Hours(8.5),
            [new LabelMatcher(MatchType.Equal, "i", $"{series}")],
            TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(DiskFullException))]
    [InlineData(typeof(CorruptDataException))]
    [InlineData(typeof(OperationCanceledException))]
    public async Task RunAsync_LeavesAllAsItWas_WhenTheHeadFailsMeanwhile(Type kind)
    {
        await using (var database = await OpenAsync(_directory))
        {
            await AppendUntilAMergeIsDueAsync(database);
            WhenBlocksAreMerged(database, () =>
            {
                _scrapes.AppendAsync(database, Hours(10.5), Hours(14)).GetAwaiter().GetResult();
                WhenABlockIsBegun(() => throw Error(kind));
            });
            var error = await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(database));

            Assert.True(error.GetType() == kind || error.InnerException?.GetType() == kind, error.ToString());
            Assert.Equal("0-2 2-4 4-6 6-8", Ranges(database));
            Assert.DoesNotContain(database.Blocks.Current.Blocks, block => block.Meta.Compaction.IsFailed);
            Assert.Equal(kind == typeof(OperationCanceledException) ? 0 : 1, database.Maintenance!.Metrics.Failed);
            AssertOnDisk(database);
            database.ReadAll().ShouldHold(_scrapes.Expected);

            _directory.BeforeCreate = null;
            await RunAsync(database);
            Assert.Equal("0-6 6-8 8-10 10-12", Ranges(database));
            AssertOnDisk(database);
        }

        await AssertReopenedAsync("0-6 6-8 8-10 10-12", _scrapes.Expected);
    }

    [Fact]
    public async Task RunAsync_SpendsTheReserveOnTheHead_AndGoesOnWithTheMerge()
    {
        await using var database = await OpenAsync(_directory);
        await _scrapes.AppendAsync(database, Start, Hours(9));
        await RunAsync(database);
        Assert.True(_directory.FileExists("promhost/reserve"));
        await _scrapes.AppendAsync(database, Hours(9), Hours(10.5));
        WhenBlocksAreMerged(database, () =>
        {
            _scrapes.AppendAsync(database, Hours(10.5), Hours(14)).GetAwaiter().GetResult();
            WhenABlockIsBegun(() =>
            {
                if (_directory.FileExists("promhost/reserve")) throw new DiskFullException("file", null);
            });
        });
        await RunAsync(database);

        Assert.Equal("0-6 6-8 8-10 10-12", Ranges(database));
        Assert.Equal(0, database.Maintenance!.Metrics.Failed);
        AssertOnDisk(database);
        database.ReadAll().ShouldHold(_scrapes.Expected);
    }

    private static long Hours(double hours) => Start + (long)(hours * Hour);

    private static DatabaseOptions WithLongWindow(DatabaseOptions options) =>
        options with { OutOfOrderWindow = TimeSpan.FromHours(24) };

    private static Exception Error(Type kind) => kind == typeof(DiskFullException)
        ? new DiskFullException("file", null)
        : (Exception)Activator.CreateInstance(kind, "something broke")!;

    private static string Ranges(Database database) => string.Join(' ', database.Blocks.Current.Blocks.Select(
        block => $"{(block.Meta.MinTimeMs - Start) / Hour}-{(block.Meta.MaxTimeMs - Start) / Hour}"));

    private static async Task RunAsync(Database database)
    {
        await database.Maintenance!.RunAsync();
        await database.Blocks.RemovedAsync();
    }

    // The next round writes the block from 6 to 8, and perhaps older ones, then merges the first three.
    private Task AppendUntilAMergeIsDueAsync(Database database) =>
        _scrapes.AppendAsync(database, Start, Hours(10.5));

    // The head's blocks are published by then: what is written next is what they are merged to.
    private void WhenBlocksAreMerged(Database database, Action action) => WhenABlockIsBegun(() =>
    {
        if (Ranges(database) != "0-2 2-4 4-6 6-8") return;
        _directory.BeforeCreate = null;
        action();
    });

    private void WhenABlockIsBegun(Action action) => _directory.BeforeCreate = path =>
    {
        if (path.EndsWith("/index", StringComparison.Ordinal)) action();
    };

    private void AssertOnDisk(Database database) => Assert.Equal(
        database.Blocks.Current.Blocks.Select(block => block.Path).Order(StringComparer.Ordinal),
        _directory.List("").Where(name => name.Length >= Ulid.TextLength).Order(StringComparer.Ordinal));

    private async Task AssertReopenedAsync(string ranges, Dictionary<Labels, List<(long T, double V)>> expected)
    {
        await using var reopened = await OpenAsync(_folder.Open());
        Assert.Equal(ranges, Ranges(reopened));
        reopened.ReadAll().ShouldHold(expected);
    }
}
