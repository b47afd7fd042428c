namespace PromHost.Tsdb.Tests;

/// <summary>A database that writes images, stopped at every change of the disk.</summary>
public sealed class HeadImageCrashTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StoppedAtEveryChange_LosesNothing_AndReadsTheSameWithAndWithoutTheImage(bool isPowerCut)
    {
        var used = 0;
        var whole = await RunAsync(int.MaxValue);
        whole.Should().BeGreaterThan(50);
        for (var stopAt = 1; stopAt <= whole; stopAt++) await RunAsync(stopAt);
        used.Should().BeGreaterThan(whole / 3);

        async Task<int> RunAsync(int stopAt)
        {
            using var disk = new SimulatedDataDirectory();
            var directory = new FaultyDataDirectory(disk) { KillAtChange = stopAt };
            var story = new HeadStory { HasOnlyFloats = true };
            try
            {
                await TellAsync(directory, story, isPowerCut);
            }
            catch (Exception error) when (error is SimulatedCrashException or Storage.StorageUnavailableException)
            {
                directory.IsDead.Should().BeTrue(error.ToString());
            }

            if (isPowerCut) disk.CutPower(new Random(stopAt));
            else disk.Kill();
            var moment = $"stopped at change {stopAt}";
            List<string> picture;
            await using (var database = await TestDatabase.OpenAsync(disk))
            {
                used += database.ImageReplay.Used is null ? 0 : 1;
                story.Ledger.Check(database, moment);
                picture = HeadPicture.Of(database);
            }

            disk.Delete(HeadImageFormat.Path);
            await using (var database = await TestDatabase.OpenAsync(disk))
                picture.ShouldShow(HeadPicture.Of(database), moment);

            return directory.Changes;
        }
    }

    private static async Task TellAsync(IDataDirectory directory, HeadStory story, bool isPowerCut)
    {
        for (var start = 0; start < 2; start++)
        {
            await using var database = await TestDatabase.OpenAsync(
                directory,
                options => options with
                {
                    IsHeadImageWritten = true,
                    // What a power cut may take is what was not synced.
                    WalSync = isPowerCut ? WalSyncPolicy.Always : WalSyncPolicy.Never,
                });
            for (var image = 0; image < 2; image++)
            {
                await story.AppendAsync(database, 6);
                database.Image!.WriteNow();
                await story.AppendAsync(database, 3);
            }
        }
    }
}
