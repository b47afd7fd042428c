using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// A directory of a killed database that has a file of every kind: blocks, tombstones, a checkpoint, several segments
/// of both logs and several files of full chunks. Made once; each test damages a copy.
/// </summary>
public sealed class DirectoryToDamage : IAsyncLifetime
{
    /// <summary>Between two samples of a series.</summary>
    public const long StepMs = 30_000;

    /// <summary>The first timestamp.</summary>
    public const long StartMs = 450_000 * HourMs;

    /// <summary>Behind the last one.</summary>
    public const long EndMs = StartMs + (9 * HourMs);

    /// <summary>The first timestamp that is in no block.</summary>
    public const long HeadStartMs = StartMs + (6 * HourMs);

    /// <summary>Series; the label <c>i</c> counts them.</summary>
    public const int SeriesCount = 12;

    private const int DeletedNumber = 7;
    private const long HourMs = 3_600_000;
    private const long LatenessMs = 100 * 60_000;

    private readonly SimulatedDataDirectory _disk = new();
    private readonly Dictionary<Labels, SortedDictionary<long, double>> _samples = [];

    /// <summary>What was deleted of one series.</summary>
    internal TimeInterval Deleted { get; } = new(StartMs + HourMs, StartMs + (5 * HourMs));

    /// <summary>The series of which something was deleted.</summary>
    /// <remarks>Not the one whose chunks are in the middle of a block's, where damage must cost something.</remarks>
    internal static Labels DeletedSeries => LabelsOf(DeletedNumber);

    /// <summary>The directory itself; not to be changed.</summary>
    internal IDataDirectory Files => _disk;

    /// <summary>Everything that was acknowledged and not deleted.</summary>
    internal Dictionary<Labels, List<(long T, double V)>> Expected => _samples.ToDictionary(
        entry => entry.Key, entry => entry.Value.Select(sample => (sample.Key, sample.Value)).ToList());

    /// <summary>Did a sample come out of order?</summary>
    internal static bool IsLate(long timeMs) => timeMs % StepMs != 0;

    /// <summary>Opens a database on a directory as it was left.</summary>
    internal static Task<Database> OpenAsync(IDataDirectory directory) => TestDatabase.OpenAsync(
        directory, options => options with { WalSegmentBytes = WalFormat.PageBytes });

    /// <summary>A copy.</summary>
    internal SimulatedDataDirectory Copy()
    {
        var copy = new SimulatedDataDirectory();
        Copy(_disk, copy, "");
        return copy;
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        var first = await OpenAsync(_disk);
        for (var time = StartMs; time < StartMs + (6 * HourMs); time += StepMs) await ScrapeAsync(first, time);
        await first.Maintenance!.RunAsync();
        for (var time = StartMs + (6 * HourMs); time < StartMs + (15 * HourMs / 2); time += StepMs)
            await ScrapeAsync(first, time);
        await first.Maintenance!.RunAsync();
        var matcher = new LabelMatcher(Model.MatchType.Equal, "i", $"{DeletedNumber}");
        await first.DeleteSeriesAsync(Deleted.MinTimeMs, Deleted.MaxTimeMs, [matcher], CancellationToken.None);
        foreach (var time in _samples[DeletedSeries].Keys.Where(Deleted.Contains).ToList())
            _samples[DeletedSeries].Remove(time);
        await first.DisposeAsync();

        // Every start begins a file of full chunks.
        for (var hour = 15; hour < 17; hour++)
        {
            await using var next = await OpenAsync(_disk);
            for (var time = StartMs + (hour * HourMs / 2); time < StartMs + ((hour + 1) * HourMs / 2); time += StepMs)
                await ScrapeAsync(next, time);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _disk.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Labels LabelsOf(int series) => TestDatabase.Series("m", ("i", $"{series}"));

    private static void Copy(IDataDirectory from, IDataDirectory to, string path)
    {
        foreach (var name in from.List(path))
        {
            var full = path.Length == 0 ? name : $"{path}/{name}";
            if (!from.FileExists(full))
            {
                to.CreateDirectory(full);
                Copy(from, to, full);
                continue;
            }

            using var source = from.OpenRead(full);
            using var target = to.Create(full);
            var bytes = new byte[source.Length];
            source.ReadFully(bytes, 0);
            target.Write(bytes, 0);
            target.Sync();
        }
    }

    // A third of the series also sends something late.
    private async Task ScrapeAsync(Database database, long timeMs)
    {
        var samples = new List<(Labels, long, double)>();
        for (var i = 0; i < SeriesCount; i++)
        {
            samples.Add((LabelsOf(i), timeMs, Math.Sin(timeMs + i)));
            if (i % 3 == 1 && timeMs >= StartMs + LatenessMs)
                samples.Add((LabelsOf(i), timeMs - LatenessMs + 1 + i, i));
        }

        (await database.AppendAsync([.. samples])).Rejected.Should().BeEmpty();
        foreach (var (labels, t, v) in samples)
        {
            if (!_samples.TryGetValue(labels, out var stored)) _samples[labels] = stored = [];
            stored[t] = v;
        }
    }
}
