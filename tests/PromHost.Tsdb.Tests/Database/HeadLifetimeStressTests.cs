using System.Globalization;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// Queries loop while the head is truncated, series go and come back, and appends go on: each query sees every sample
/// of its time exactly once. In debug builds what was freed is overwritten, so that a reader of it does not go
/// unnoticed.
/// </summary>
public sealed class HeadLifetimeStressTests : IDisposable
{
    private const int Writers = 2;
    private const int SeriesPerWriter = 240;
    private const long StepMs = 15_000;
    private const int StepsPerTruncation = 40;
    private const int StepsKept = 60;

    private readonly TemporaryDirectory _root = new();
    private readonly int _steps = int.Parse(
        Environment.GetEnvironmentVariable("PROMHOST_STRESS_STEPS") ?? "800", CultureInfo.InvariantCulture);

    private long _borderMs;
    private int _isDone;

    [Fact]
    public async Task Select_SeesEverySampleOnce_WhileSeriesGoAndComeBackAndTheHeadIsTruncated()
    {
        await using var database = await TestDatabase.OpenAsync(
            _root.Open(), o => o with { OutOfOrderWindow = TimeSpan.Zero });
        // Both are at the same step: bounds follow the newest sample of all.
        using var barrier = new Barrier(Writers, _ => MoveOn(database));
        var readers = Enumerable.Range(0, 2).Select(i => Task.Run(() => Read(database, i))).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Factory.StartNew(
            () => Write(database, w, barrier), TaskCreationOptions.LongRunning)));
        Volatile.Write(ref _isDone, 1);
        await Task.WhenAll(readers);
        database.Head.Table.RemovedCount.Should().BeGreaterThan(_steps);
        database.Head.Epochs.InsideCount.Should().Be(0);
    }

    public void Dispose() => _root.Dispose();

    private static Labels LabelsOf(int writer, int i, int life) => TestDatabase.Series(
        "m",
        ("w", writer.ToString(CultureInfo.InvariantCulture)),
        ("i", i.ToString(CultureInfo.InvariantCulture)),
        // Half of them come back as they were, the others as new ones.
        ("life", i % 2 == 0 ? "same" : life.ToString(CultureInfo.InvariantCulture)),
        ($"n{i % 5 * (life % 3)}", "v"));

    // Every eighth is always there; the others are there for a while, gone for a while longer than the head remembers.
    private static bool IsThere(int i, int step, out int life)
    {
        var period = 170 + (i % 50);
        life = i % 8 == 0 ? 0 : (step + (i * 7)) / period;
        return i % 8 == 0 || (step + (i * 7)) % period < 60 + (i % 30);
    }

    private static byte[] RawOf(Labels labels) => [.. labels.Encoded];

    private void Write(Database database, int writer, Barrier barrier)
    {
        var isSound = true;
        for (var step = 1; step <= _steps; step++)
        {
            using (var appender = database.CreateAppender())
            {
                for (var i = 0; i < SeriesPerWriter; i++)
                {
                    if (!IsThere(i, step, out var life)) continue;
                    var labels = LabelsOf(writer, i, life);
                    if (!appender.TryGetSeries(RawOf(labels), out var series))
                        series = appender.GetOrAddSeries(labels, RawOf(labels));
                    appender.Append(series, [new FloatSample(step * StepMs, step)]);
                }

                var report = appender.CommitAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
                isSound &= report.Rejected.Count == 0;
            }

            barrier.SignalAndWait();
        }

        isSound.Should().BeTrue();
    }

    // Called between two steps by one of the writers; the truncation itself runs beside the steps that follow.
    private Task _truncation = Task.CompletedTask;

    private void MoveOn(Database database)
    {
        var step = database.Head.Appender.MaxTimeMs / StepMs;
        if (step % StepsPerTruncation != 0 || step <= StepsKept) return;
        _truncation.GetAwaiter().GetResult();
        _truncation = Task.Run(async () =>
        {
            var borderMs = (step - StepsKept) * StepMs;
            Volatile.Write(ref _borderMs, borderMs);
            await database.Head.Epochs.DrainAsync();
            await database.TruncateHeadAsync(borderMs, CancellationToken.None);
        });
    }

    private void Read(Database database, int reader)
    {
        var random = new Random(reader);
        var rounds = 0;
        while (Volatile.Read(ref _isDone) == 0 || rounds == 0)
        {
            // As a querier over blocks and head does: in the epoch first, then where the head takes over.
            var epoch = database.Head.Epochs.Enter();
            var borderMs = Volatile.Read(ref _borderMs);
            using (var querier = new HeadQuerier(database.Head, borderMs, long.MaxValue))
            {
                database.Head.Epochs.Leave(epoch);
                for (var i = random.Next(1, 4); i > 0; i--) Check(querier, borderMs, random.Next(Writers));
                CheckLabels(querier);
            }

            rounds++;
        }
    }

    private static void Check(HeadQuerier querier, long borderMs, int writer)
    {
        var matcher = new LabelMatcher(
            PromHost.Model.MatchType.Equal, "w", writer.ToString(CultureInfo.InvariantCulture));
        var all = querier.ReadAll([matcher], borderMs);
        if (all.Count == 0) return;
        var last = (int)all.Values.Where(s => s.Count > 0).Max(s => s[^1].V);
        var expected = new Dictionary<Labels, List<(long T, double V)>>();
        for (var step = (int)Math.Max(1, borderMs / StepMs); step <= last; step++)
        {
            for (var i = 0; i < SeriesPerWriter; i++)
            {
                if (!IsThere(i, step, out var life)) continue;
                var labels = LabelsOf(writer, i, life);
                if (!expected.TryGetValue(labels, out var samples)) expected[labels] = samples = [];
                samples.Add((step * StepMs, step));
            }
        }

        foreach (var (labels, samples) in all)
        {
            if (samples.Count == 0) all.Remove(labels);
        }

        all.ShouldHold(expected);
    }

    private static void CheckLabels(HeadQuerier querier)
    {
        var names = querier.LabelNames([]);
        names.Should().OnlyHaveUniqueItems();
        foreach (var name in names)
        {
            var values = querier.LabelValues(name, []);
            values.Should().BeInAscendingOrder(StringComparer.Ordinal);
            values.Should().OnlyHaveUniqueItems();
        }
    }
}
