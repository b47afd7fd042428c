using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public sealed class HeadImageTests : IDisposable
{
    private readonly SimulatedDataDirectory _disk = new();

    [Fact]
    public async Task ReplayAsync_GivesTheSameHead_FromTheImageOfTheLastClose()
    {
        var story = new HeadStory();
        await using (var database = await OpenAsync(_disk))
        {
            await story.AppendAsync(database, 700);
            await DeleteAsync(database, 3);
            await story.AppendAsync(database, 20);
        }

        await ShouldBeTheSameAsync(_disk, expectedBehind: false);
    }

    [Fact]
    public async Task ReplayAsync_ReadsWhatIsBehindTheImage_WhenTheProcessWasKilled()
    {
        var story = new HeadStory();
        var directory = new FaultyDataDirectory(_disk);
        var database = await OpenAsync(directory);
        await story.AppendAsync(database, 200);
        database.Image!.WriteNow();
        await story.AppendAsync(database, 150);
        await DeleteAsync(database, 3);
        database.Image!.WriteNow();
        await story.AppendAsync(database, 333);
        await DeleteAsync(database, 4);
        await KillAsync(database, directory);

        await ShouldBeTheSameAsync(_disk, expectedBehind: true);
        await using var again = await OpenAsync(_disk);
        await story.AppendAsync(again, 100);
    }

    [Fact]
    public async Task ReplayAsync_GivesTheSameHead_WhenAnImageWasWrittenWhileAllWentOn()
    {
        var story = new HeadStory();
        var directory = new FaultyDataDirectory(_disk);
        var watched = new WatchedDataDirectory(directory, HeadImageFormat.UnfinishedPath);
        var database = await OpenAsync(watched);
        await story.AppendAsync(database, 150);
        // They end when the image is written: its writer is inside an epoch.
        var changes = new List<Task>();
        database.Image!.SectionBytes = 2000;
        var writes = 0;
        watched.BeforeWrite = () =>
        {
            story.AppendAsync(database, 20).GetAwaiter().GetResult();
            if (++writes == 2) changes.Add(DeleteAsync(database, 5));
            if (writes == 3) changes.Add(database.TruncateHeadAsync(1_700_000_600_000, CancellationToken.None));
        };

        database.Image.WriteNow();

        writes.Should().BeGreaterThan(5);
        await Task.WhenAll(changes);
        (database.Image.Written, database.Image.Failed).Should().Be((1, 0));
        watched.BeforeWrite = null;
        await story.AppendAsync(database, 5);
        await KillAsync(database, directory);
        // The bound of a truncation is that of a block, which there is none of here.
        _disk.Kill();
        (await OpenPictureAsync(_disk)).Image!.IsIgnored.Should().BeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReplayAsync_GivesTheSameHead_WhenAnImageWasWrittenWhileAllGrew(bool isFlushedLater)
    {
        var story = new HeadStory();
        var directory = new FaultyDataDirectory(_disk);
        var watched = new WatchedDataDirectory(directory, HeadImageFormat.UnfinishedPath);
        var database = await OpenAsync(watched);
        await story.AppendAsync(database, 150);
        database.Image!.SectionBytes = 2000;
        // They end when the image is written: its writer is inside an epoch.
        var deletions = new List<Task>();
        var writes = 0;
        watched.BeforeWrite = () =>
        {
            story.AppendAsync(database, 20).GetAwaiter().GetResult();
            if (++writes % 3 == 2) deletions.Add(DeleteAsync(database, writes));
        };
        database.Image.WriteNow();
        await Task.WhenAll(deletions);
        database.Image.Written.Should().Be(1);
        watched.BeforeWrite = null;
        // Open chunks of the image become full ones, in the files or only in the buffer.
        await story.AppendAsync(database, isFlushedLater ? 300 : 5);
        await KillAsync(database, directory);

        await ShouldBeTheSameAsync(_disk, expectedBehind: true);
    }

    [Fact]
    public async Task WriteLast_WritesNothing_WhenNothingHasChanged()
    {
        await using (var database = await OpenAsync(_disk)) await new HeadStory().AppendAsync(database, 10);
        var before = Read(HeadImageFormat.Path);

        await using (var database = await OpenAsync(_disk)) database.ImageReplay.Used.Should().NotBeNull();

        Read(HeadImageFormat.Path).Should().Equal(before);
        _disk.Delete(HeadImageFormat.Path);
        var empty = new SimulatedDataDirectory();
        await using (var database = await OpenAsync(empty)) database.Image!.WriteNow();
        empty.FileExists(HeadImageFormat.Path).Should().BeFalse();
        empty.Dispose();
    }

    [Fact]
    public async Task WriteNow_LeavesOutSeries_WhoseRecordIsNotInTheLog()
    {
        var directory = new FaultyDataDirectory(_disk);
        var database = await OpenAsync(directory);
        await database.AppendAsync((TestDatabase.Series("a"), 1000, 1));
        using (var appender = database.CreateAppender()) appender.GetOrAddSeries(TestDatabase.Series("b"), []);
        using (var appender = database.CreateAppender())
        {
            // Logged, without a sample.
            var series = appender.GetOrAddSeries(TestDatabase.Series("c"), []);
            appender.AppendExemplar(series, new Exemplar(Labels.FromPairs(("t", "1")), 1, 1));
            await appender.CommitAsync(TestContext.Current.CancellationToken);
        }

        database.Image!.WriteNow();
        await KillAsync(database, directory);

        await ShouldBeTheSameAsync(_disk, expectedBehind: false);
        await using var again = await OpenAsync(_disk);
        again.Head.Table.TryGet(TestDatabase.Series("b"), out _).Should().BeFalse();
        again.Head.Table.TryGet(TestDatabase.Series("c"), out _).Should().BeTrue();
    }

    [Fact]
    public async Task ReplayAsync_KeepsWhatTheImageHas_WhenTheLogBeforeItIsDamaged()
    {
        var story = new HeadStory { HasOnlyFloats = true };
        await using (var database = await OpenAsync(_disk)) await story.AppendAsync(database, 300);
        var path = WalSegments.List(_disk, "wal")[0].Path;
        Flip(path, 2000);
        var series = 0;

        await using (var database = await OpenAsync(_disk))
        {
            database.ImageReplay.Used.Should().NotBeNull();
            database.Damages.Entries.Should().ContainSingle();
            series = database.Head.Table.LivingCount;
            story.Ledger.Check(database, "after damage");
        }

        await using (var database = await OpenAsync(_disk))
        {
            database.Damages.Entries.Should().BeEmpty();
            database.ImageReplay.Used.Should().NotBeNull();
            story.Ledger.Check(database, "after another start");
            await database.AppendAsync((HeadStory.LabelsOf(31), 1_800_000_000_000, 31));
        }

        // The record of each series is in the log again: so what came after the repair does not need the image.
        _disk.Delete(HeadImageFormat.Path);
        await using var without = await OpenAsync(_disk);
        without.Damages.Entries.Should().BeEmpty();
        without.ReadAll()[HeadStory.LabelsOf(31)][^1].Should().Be((1_800_000_000_000, 31.0));
        without.Head.Table.LivingCount.Should().Be(series);
    }

    [Fact]
    public async Task WriteNow_IsHarmless_WhenTheDiskFails()
    {
        var directory = new FaultyDataDirectory(_disk);
        var story = new HeadStory { HasOnlyFloats = true };
        await using (var database = await OpenAsync(directory))
        {
            await story.AppendAsync(database, 100);
            database.Image!.WriteNow();
            var before = Read(HeadImageFormat.Path);
            await story.AppendAsync(database, 100);
            directory.FailWritesOf = HeadImageFormat.DirectoryName;

            database.Image.WriteNow();

            (database.Image.Written, database.Image.Failed).Should().Be((1, 1));
            Read(HeadImageFormat.Path).Should().Equal(before);
            _disk.FileExists(HeadImageFormat.UnfinishedPath).Should().BeFalse();
            await story.AppendAsync(database, 10);
        }

        await using var again = await OpenAsync(_disk);
        again.ImageReplay.Used.Should().NotBeNull();
        story.Ledger.Check(again, "with the older image");
    }

    public void Dispose() => _disk.Dispose();

    internal static Task<Database> OpenAsync(IDataDirectory directory) =>
        TestDatabase.OpenAsync(directory, options => options with { IsHeadImageWritten = true, MaxExemplars = 50 });

    internal static async Task KillAsync(Database database, FaultyDataDirectory directory)
    {
        directory.KillAtChange = directory.Changes + 1;
        try
        {
            await database.DisposeAsync();
        }
        catch (SimulatedCrashException)
        {
            // It is dead.
        }
    }

    // Reads the head with the image, then without it.
    private static async Task ShouldBeTheSameAsync(SimulatedDataDirectory disk, bool expectedBehind)
    {
        disk.Kill();
        var (image, behind, withImage) = await OpenPictureAsync(disk);
        image!.Used.Should().NotBeNull();
        behind.Should().Be(expectedBehind);
        disk.Rename(HeadImageFormat.Path, "image");
        var (none, _, without) = await OpenPictureAsync(disk);
        none!.Used.Should().BeNull();
        withImage.ShouldShow(without);
        disk.Rename("image", HeadImageFormat.Path);
    }

    private static async Task<(HeadImageReplay? Image, bool IsBehind, List<string> Picture)> OpenPictureAsync(
        IDataDirectory disk)
    {
        await using var database = await TestDatabase.OpenAsync(
            disk, options => options with { MaxExemplars = 50 });
        return (database.ImageReplay, database.HasReadLog, HeadPicture.Of(database));
    }

    private static Task DeleteAsync(Database database, int series) => database.DeleteSeriesAsync(
        1_700_000_000_000 + (series * 60_000),
        1_700_000_000_000 + (series * 120_000),
        [new LabelMatcher(Model.MatchType.Equal, "series", $"{series}")],
        TestContext.Current.CancellationToken);

    private byte[] Read(string path)
    {
        using var file = _disk.OpenRead(path);
        var bytes = new byte[file.Length];
        file.ReadFully(bytes, 0);
        return bytes;
    }

    private void Flip(string path, long offset)
    {
        using var file = _disk.OpenWrite(path);
        var one = new byte[1];
        file.Read(one, offset);
        one[0] ^= 0x55;
        file.Write(one, offset);
    }
}
