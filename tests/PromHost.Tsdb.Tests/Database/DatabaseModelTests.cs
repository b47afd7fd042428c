using System.Globalization;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb.Tests;

/// <summary>Random operations on a database against a dictionary of lists.</summary>
public class DatabaseModelTests
{
    private const int SeriesCount = 30;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(4, 180)]
    [InlineData(5, 180)]
    [InlineData(6, 180)]
    [InlineData(7, 180)]
    [InlineData(8, 30)]
    [InlineData(9, 30)]
    public async Task RandomOperations_LeaveWhatTheModelHas_AlsoAfterReopening(int seed, int windowMinutes)
    {
        var window = TimeSpan.FromMinutes(windowMinutes);
        using var root = new TemporaryDirectory();
        var random = new Random(seed);
        var model = new Model(random, (long)window.TotalMilliseconds);
        var database = await TestDatabase.OpenAsync(root.Open(), o => o with { OutOfOrderWindow = window });
        var views = new List<(IQuerier Querier, Dictionary<Labels, List<(long, double)>> Expected)>();
        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(20))
            {
                case 0 when views.Count == 0:
                    await database.DisposeAsync();
                    database = await TestDatabase.OpenAsync(root.Open(), o => o with { OutOfOrderWindow = window });
                    break;
                case 1:
                    views.Add((database.OpenQuerier(long.MinValue, long.MaxValue), model.Copy()));
                    break;
                case 2 or 3 when views.Count > 0:
                    var index = random.Next(views.Count);
                    views[index].Querier.ReadAll().ShouldHold(views[index].Expected);
                    views[index].Querier.Dispose();
                    views.RemoveAt(index);
                    break;
                case 4:
                    CheckRange(database, model, random);
                    break;
                default:
                    await AppendAsync(database, model);
                    break;
            }
        }

        foreach (var (querier, expected) in views)
        {
            querier.ReadAll().ShouldHold(expected);
            querier.Dispose();
        }

        database.ReadAll().ShouldHold(model.Copy());
        await database.DisposeAsync();
        await using var reopened = await TestDatabase.OpenAsync(root.Open());
        reopened.ReadAll().ShouldHold(model.Copy());
    }

    private static async Task AppendAsync(Database database, Model model)
    {
        var batch = model.NextBatch();
        using var appender = database.CreateAppender();
        foreach (var (labels, samples) in batch)
            appender.Append(appender.GetOrAddSeries(labels, []), samples);
        var report = await appender.CommitAsync(TestContext.Current.CancellationToken);

        var expected = model.Apply(batch);
        report.Stored.Should().Be(expected.Stored);
        report.AlreadyStored.Should().Be(expected.AlreadyStored);
        report.Rejected.Should().Equal(expected.Rejected);
    }

    private static void CheckRange(Database database, Model model, Random random)
    {
        var min = random.NextInt64(model.NowMs);
        var max = min + random.NextInt64(model.NowMs / 4);
        var series = random.Next(SeriesCount).ToString(CultureInfo.InvariantCulture);
        var matcher = new LabelMatcher(
            random.Next(2) == 0 ? PromHost.Model.MatchType.Equal : PromHost.Model.MatchType.NotEqual, "n", series);
        var expected = model.Copy()
            .Where(s => matcher.Matches(s.Key.Get("n"u8)))
            .Select(s => (s.Key, s.Value.Where(v => v.T >= min && v.T <= max).ToList()))
            .Where(s => s.Item2.Count > 0)
            .ToDictionary(s => s.Key, s => s.Item2);
        var actual = database.ReadAll(min, max, matcher);

        // Series may be handed out that turn out to have no sample in the range.
        actual.Where(s => s.Value.Count > 0).ToDictionary().ShouldHold(expected);

        using var querier = database.OpenQuerier(min, max);
        using var set = querier.Select(new SelectHints(min, max, SortedByLabels: true), [matcher]);
        var entries = new SeriesEntry[64];
        var count = set.ReadNext(entries);
        entries.AsSpan(0, count).ToArray().Select(e => e.Labels).Should().BeInAscendingOrder();
        foreach (var entry in entries.AsSpan(0, count))
        {
            var answer = set.TryReadLatest(entry, min, max, out var latest);
            var last = expected.TryGetValue(entry.Labels, out var samples) ? samples[^1] : default;
            if (answer == LatestSample.None) samples.Should().BeNull();
            if (answer == LatestSample.Found) latest.Should().Be(new FloatSample(last.T, last.V));
        }
    }

    private sealed class Model(Random random, long windowMs)
    {
        private const long HalfRangeMs = 3_600_000;

        private readonly Dictionary<Labels, SortedList<long, double>> _stored = [];
        private readonly Dictionary<Labels, FloatSample> _newestInOrder = [];
        private long _headMaxMs = long.MinValue;

        public long NowMs { get; private set; } = 1_600_000_000_000 - 5000;

        public Dictionary<Labels, List<(long T, double V)>> Copy() =>
            _stored.ToDictionary(s => s.Key, s => s.Value.Select(v => (v.Key, v.Value)).ToList());

        public List<(Labels Labels, FloatSample[] Samples)> NextBatch()
        {
            var batch = new List<(Labels, FloatSample[])>();
            NowMs += random.Next(10) == 0 ? 600_000 : 5000;
            for (var i = random.Next(1, 12); i > 0; i--)
            {
                var n = random.Next(SeriesCount);
                var labels = TestDatabase.Series(
                    "m", ("n", n.ToString(CultureInfo.InvariantCulture)), ("odd", $"{n & 1}"));
                var samples = new FloatSample[random.Next(1, 40)];
                for (var j = 0; j < samples.Length; j++) samples[j] = NextSample(labels, j);
                batch.Add((labels, samples));
            }

            return batch;
        }

        public AppendReport Apply(List<(Labels Labels, FloatSample[] Samples)> batch)
        {
            var stored = 0;
            var already = 0;
            var rejected = new List<RejectedSample>();
            var headMaxMs = _headMaxMs == long.MinValue ? batch[0].Samples[0].TimestampMs : _headMaxMs;
            foreach (var (labels, samples) in batch)
            {
                foreach (var sample in samples)
                {
                    var (result, existing) = Decide(labels, sample, headMaxMs);
                    if (result == AppendResult.Stored) stored++;
                    else if (result == AppendResult.AlreadyStored) already++;
                    else rejected.Add(new RejectedSample(labels, sample, result, existing));
                }
            }

            return new AppendReport(stored, already, rejected);
        }

        private (AppendResult Result, FloatSample Existing) Decide(Labels labels, FloatSample sample, long headMaxMs)
        {
            var t = sample.TimestampMs;
            var hasInOrder = _newestInOrder.TryGetValue(labels, out var newest);
            if (_stored.TryGetValue(labels, out var list) && list.TryGetValue(t, out var value))
            {
                return value.Equals(sample.Value)
                    ? (AppendResult.AlreadyStored, default)
                    : (AppendResult.DuplicateTimestamp, new FloatSample(t, value));
            }

            if (t >= headMaxMs - HalfRangeMs && (!hasInOrder || t > newest.TimestampMs))
            {
                _newestInOrder[labels] = sample;
                _headMaxMs = Math.Max(_headMaxMs, t);
            }
            else if (windowMs == 0)
            {
                return (t < headMaxMs - HalfRangeMs ? AppendResult.OutOfBounds : AppendResult.OutOfOrder, newest);
            }
            else if (t < headMaxMs - windowMs)
            {
                return (AppendResult.TooOld, newest);
            }

            if (list is null) _stored[labels] = list = [];
            list.Add(t, sample.Value);
            return (AppendResult.Stored, default);
        }

        private FloatSample NextSample(Labels labels, int index)
        {
            if (random.Next(20) == 0 && _stored.TryGetValue(labels, out var list) && list.Count > 0)
            {
                var at = random.Next(list.Count);
                return new FloatSample(list.Keys[at] - random.Next(2), list.Values[at] + random.Next(2));
            }

            var value = random.Next(4) == 0 ? random.NextDouble() : random.Next(3);
            var ageMs = random.Next(15) == 0 ? 250 : 0;
            if (random.Next(12) == 0) ageMs = random.Next(4 * (int)HalfRangeMs) / 100 * 100;
            return new FloatSample(NowMs + (index * 100) - ageMs, value);
        }
    }
}
