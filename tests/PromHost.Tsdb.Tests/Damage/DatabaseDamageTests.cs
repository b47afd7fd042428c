using System.Globalization;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// Every kind of file of a data directory, damaged in every way: the database starts, answers, takes samples, says what
/// it found, and has lost no more than what the damaged bytes held alone.
/// </summary>
public sealed class DatabaseDamageTests(DirectoryToDamage original) : IClassFixture<DirectoryToDamage>
{
    public static TheoryData<string, Fault> Cases
    {
        get
        {
            var cases = new TheoryData<string, Fault>();
            foreach (var kind in DamagedFiles.Kinds)
            {
                foreach (var fault in Enum.GetValues<Fault>()) cases.Add(kind, fault);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Start_LosesOnlyWhatTheDamagedBytesHeldAlone(string kind, Fault fault)
    {
        using var disk = original.Copy();
        var path = DamagedFiles.Find(disk, kind);
        disk.Inject(path, fault);
        var now = original.Expected.Values.Max(samples => samples[^1].T) + DirectoryToDamage.StepMs;
        Dictionary<Labels, List<(long T, double V)>> kept;

        var faulty = new FaultyDataDirectory(disk);
        var database = await DirectoryToDamage.OpenAsync(faulty);
        try
        {
            kept = ReadWhatCanBeRead(database);
            CheckLoss(kind, fault, kept, database.GetHealth().Damages);
            foreach (var damage in database.GetHealth().Damages.Where(damage => damage.QuarantinedAs is not null))
                AssertExists(disk, damage.QuarantinedAs!);
            await database.AppendAsync([.. original.Expected.Keys.Select(labels => (labels, now, 1.0))]);
            foreach (var labels in original.Expected.Keys)
            {
                if (!kept.TryGetValue(labels, out var samples)) kept[labels] = samples = [];
                samples.Add((now, 1));
            }

            ReadWhatCanBeRead(database).ShouldHold(kept);
        }
        finally
        {
            faulty.KillAtChange = 0;
            await KillAsync(database, disk);
        }

        await using var again = await DirectoryToDamage.OpenAsync(disk);
        ReadWhatCanBeRead(again).ShouldHold(kept);
        if (!DamagedFiles.StaysInPlace(kind))
            again.GetHealth().Damages.Should().BeEmpty("all was repaired at the first start");
    }

    [Theory]
    [InlineData("wal/00000003", "wal")]
    [InlineData("wal/checkpoint.00000002/00000000", "checkpoint")]
    [InlineData("wbl/00000000", "wbl")]
    [InlineData("chunks_head", "chunks_head")]
    [InlineData("chunks_head/000001", "chunks_head")]
    [InlineData("01M7ZAY1XTFZNG27HTHZ0G60ZT", "block")]
    [InlineData("01M7ZAY1XTFZNG27HTHZ0G60ZT/index", "block")]
    [InlineData("promhost/last-series-ref", "other")]
    public void KindOf_GoesByThePath(string path, string kind) => DamageKind.Of(path).Should().Be(kind);

    [Theory]
    [InlineData(Fault.FlippedMiddle)]
    [InlineData(Fault.ZeroedPage)]
    public async Task Start_FindsTheChunksBehindTheDamage_WhenTheLogIsGoneAsWell(Fault fault)
    {
        const int SamplesOfAChunk = 240;
        var withChunks = await CountAsync(_ => { });
        var found = await CountAsync(disk => disk.Inject(DamagedFiles.Find(disk, "chunks_head/middle"), fault));
        // A zeroed page touches more of the small chunks.
        found.Should().BeInRange(withChunks - (6 * SamplesOfAChunk), withChunks - 1);

        async Task<int> CountAsync(Action<SimulatedDataDirectory> damage)
        {
            using var disk = original.Copy();
            foreach (var segment in WalSegments.List(disk, "wal")) disk.Delete(segment.Path);
            damage(disk);
            int count;
            await using (var database = await DirectoryToDamage.OpenAsync(disk))
                count = database.ReadAll().Values.Sum(samples => samples.Count);
            await using var again = await DirectoryToDamage.OpenAsync(disk);
            again.ReadAll().Values.Sum(samples => samples.Count).Should().Be(count);
            again.GetHealth().Damages.Should().BeEmpty();
            return count;
        }
    }

    private static async Task KillAsync(Database database, SimulatedDataDirectory disk)
    {
        try
        {
            await database.DisposeAsync();
        }
        catch (SimulatedCrashException)
        {
            // As it should.
        }

        disk.Kill();
    }

    // What is damaged in a block fails the queries that need it, and no other.
    private static Dictionary<Labels, List<(long T, double V)>> ReadWhatCanBeRead(Database database)
    {
        var result = new Dictionary<Labels, List<(long T, double V)>>();
        if (TryRead(database, result, long.MinValue, long.MaxValue)) return result;
        const long PartMs = 60_000;
        for (var time = DirectoryToDamage.StartMs; time < DirectoryToDamage.EndMs; time += PartMs)
        {
            if (TryRead(database, result, time, time + PartMs - 1)) continue;
            for (var i = 0; i < DirectoryToDamage.SeriesCount; i++)
            {
                TryRead(
                    database, result, time, time + PartMs - 1,
                    new LabelMatcher(Model.MatchType.Equal, "i", i.ToString(CultureInfo.InvariantCulture)));
            }
        }

        return result;
    }

    private static bool TryRead(
        Database database,
        Dictionary<Labels, List<(long T, double V)>> result,
        long minTimeMs,
        long maxTimeMs,
        params LabelMatcher[] matchers)
    {
        try
        {
            foreach (var (labels, samples) in database.ReadAll(minTimeMs, maxTimeMs, matchers))
            {
                if (!result.TryGetValue(labels, out var all)) result[labels] = all = [];
                all.AddRange(samples);
            }

            return true;
        }
        catch (StorageReadException error)
        {
            var block = database.Blocks.Current.Blocks.First(block => error.Message.Contains(block.Path));
            error.Message.Should().MatchRegex($"{block.Path}/(index|chunks/0)");
            return false;
        }
    }

    private static void AssertExists(SimulatedDataDirectory disk, string path) =>
        disk.List(Quarantine.Path).Select(name => $"{Quarantine.Path}/{name}").Should().Contain(path);

    private void CheckLoss(
        string kind,
        Fault fault,
        Dictionary<Labels, List<(long T, double V)>> actual,
        IReadOnlyList<StorageDamage> damages)
    {
        var lost = new List<(Labels Labels, long T)>();
        var added = new List<(Labels Labels, long T)>();
        foreach (var (labels, samples) in original.Expected)
        {
            var found = actual.GetValueOrDefault(labels) ?? [];
            lost.AddRange(samples.Except(found).Select(sample => (labels, sample.T)));
            added.AddRange(found.Except(samples).Select(sample => (labels, sample.T)));
            found.Select(sample => sample.T).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        }

        var known = string.Join("; ", damages.Select(damage => $"{damage.Path}@{damage.OffsetBytes}: {damage.Reason}"));
        var moment = $"lost {lost.Count}, added {added.Count} after {fault} of {kind}; told: {known}";
        TestContext.Current.TestOutputHelper!.WriteLine(moment);
        if (kind == DamagedFiles.BlockTombstones)
        {
            added.Should().OnlyContain(
                sample => sample.Labels == DirectoryToDamage.DeletedSeries && original.Deleted.Contains(sample.T));
        }
        else
        {
            added.Should().BeEmpty(moment);
        }

        if (lost.Count + added.Count > 0 && !DamagedFiles.IsBeyondKnowing(kind, fault))
            damages.Should().NotBeEmpty(moment);
        DamagedFiles.MayLose(kind, DirectoryToDamage.HeadStartMs, lost).Should().BeTrue(moment);
    }
}
