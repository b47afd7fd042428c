using System.Globalization;
using PromHost.Model;
using PromHost.Storage;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb.Tests;

/// <summary>
/// Random operations on a database on a simulated disk, compared with a model of dictionaries after each.
/// </summary>
/// <param name="seed">Of everything.</param>
/// <param name="operations">How many there are.</param>
/// <param name="without">Kinds that are left out, to find the least that fails.</param>
internal sealed class ModelRun(int seed, int operations, IReadOnlySet<ModelOperation> without) : IAsyncDisposable
{
    private const long HourMs = 3_600_000;
    private const int SeriesAtOnce = 10;
    private const int SeriesLife = 40;

    private readonly Random _random = new(seed);
    private readonly SimulatedDataDirectory _disk = new();
    private readonly Dictionary<Labels, ModelSeries> _series = [];
    private readonly bool _isPowerCut = seed % 2 == 0;
    private readonly long _windowMs = (seed % 3) switch { 0 => 3 * HourMs, 1 => HourMs / 2, _ => 0 };
    private FaultyDataDirectory _directory = null!;
    private Database _database = null!;
    private long _nowMs = 1_600_000_000_000;
    private long _headMaxMs = long.MinValue;
    private int _batch;

    /// <summary>How many operations were done.</summary>
    public int Done { get; private set; }

    /// <summary>How often the process died.</summary>
    public int Crashes { get; private set; }

    /// <summary>How often the newest sample of a series was told without reading the others.</summary>
    public int LatestAnswers { get; private set; }

    /// <summary>The most blocks there were.</summary>
    public int MaxBlocks { get; private set; }

    /// <summary>Runs it.</summary>
    public async Task RunAsync()
    {
        await OpenAsync();
        for (; Done < operations; Done++)
        {
            var operation = Next();
            // Drawn in any case, so that the others stay the same.
            var random = new Random(_random.Next());
            if (without.Contains(operation)) continue;
            try
            {
                await DoAsync(operation, random);
            }
            catch (Exception error) when (
                _directory.IsDead && error is SimulatedCrashException or StorageUnavailableException)
            {
                await RecoverAsync(random);
            }

            if (_directory.IsDead) await RecoverAsync(random);
        }

        CheckAll("in the end");
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _disk.Dispose();
    }

    private ModelOperation Next() => _random.Next(100) switch
    {
        < 50 => ModelOperation.Append,
        < 62 => ModelOperation.AppendLate,
        < 68 => ModelOperation.AppendAgain,
        < 78 => ModelOperation.Query,
        < 82 => ModelOperation.Delete,
        < 84 => ModelOperation.CleanTombstones,
        < 89 => ModelOperation.Compact,
        < 90 => ModelOperation.CompactEarly,
        < 92 => ModelOperation.WriteImage,
        < 94 => ModelOperation.Reopen,
        < 97 => ModelOperation.Crash,
        _ => ModelOperation.CrashWhileBusy,
    };

    private async Task DoAsync(ModelOperation operation, Random random)
    {
        switch (operation)
        {
            case ModelOperation.Append:
                await AppendAsync(random, NextInOrder(random));
                break;
            case ModelOperation.AppendLate:
                await AppendAsync(random, NextLate(random));
                break;
            case ModelOperation.AppendAgain:
                await AppendAsync(random, NextAgain(random));
                break;
            case ModelOperation.Query:
                CheckRange(random);
                break;
            case ModelOperation.Delete:
                await DeleteAsync(random);
                break;
            case ModelOperation.CleanTombstones:
                await _database.CleanTombstonesAsync(TestContext.Current.CancellationToken);
                break;
            case ModelOperation.Compact:
                await _database.Maintenance!.RunAsync();
                CheckAll("compacted");
                break;
            case ModelOperation.CompactEarly:
                await _database.CompactAsync();
                CheckAll("compacted early");
                break;
            case ModelOperation.WriteImage:
                _database.Image!.WriteNow();
                break;
            case ModelOperation.Reopen:
                await _database.DisposeAsync();
                await OpenAsync();
                CheckAll("reopened");
                break;
            case ModelOperation.Crash:
                _directory.KillAtChange = _directory.Changes + 1;
                await RecoverAsync(random);
                break;
            case ModelOperation.CrashWhileBusy:
                // One of the next operations dies.
                _directory.KillAtChange = Math.Min(_directory.KillAtChange, _directory.Changes + random.Next(1, 80));
                break;
        }
    }

    private async Task OpenAsync()
    {
        _directory = new FaultyDataDirectory(_disk);
        _database = await TestDatabase.OpenAsync(
            _directory,
            options => options with
            {
                OutOfOrderWindow = TimeSpan.FromMilliseconds(_windowMs),
                WalSegmentBytes = WalFormat.PageBytes,
                RetentionTime = TimeSpan.Zero,
                StaleSeriesCompactionThreshold = seed % 5 == 0 ? 0.1 : 0,
                IsHeadImageWritten = true,
                WalSync = _isPowerCut ? WalSyncPolicy.Always : WalSyncPolicy.Never,
            });
    }

    private async Task CloseAsync()
    {
        try
        {
            await _database.DisposeAsync();
        }
        catch (SimulatedCrashException)
        {
            // A dead disk refuses the last sync too.
        }
    }

    private async Task RecoverAsync(Random random)
    {
        await CloseAsync();
        Crashes++;
        if (_isPowerCut) _disk.CutPower(random);
        else _disk.Kill();
        await OpenAsync();
        var stored = CheckAll("after a crash");
        foreach (var series in _series.Values) series.Settle(stored.GetValueOrDefault(series.Labels, []));
    }

    // Ten series at a time, of which some end and others begin.
    private IEnumerable<(int Number, Labels Labels)> LiveSeries()
    {
        var first = _batch / SeriesLife * (SeriesAtOnce / 2);
        return Enumerable.Range(first, SeriesAtOnce).Select(n => (n, TestDatabase.Series(
            "m", ("n", n.ToString(CultureInfo.InvariantCulture)), ("pad", new string('x', n % 7 * 300)))));
    }

    private List<(Labels Labels, long T, ModelSample V)> NextInOrder(Random random)
    {
        _batch++;
        var samples = new List<(Labels, long, ModelSample)>();
        for (var i = random.Next(1, 20); i > 0; i--)
        {
            _nowMs += random.Next(20) == 0 ? 40 * 60_000 : random.Next(1, 60_000);
            foreach (var (number, labels) in LiveSeries())
            {
                var time = _nowMs + random.Next(3);
                if (random.Next(4) > 0) samples.Add((labels, time, ModelValues.Next(number, time, random)));
            }
        }

        return samples;
    }

    private List<(Labels Labels, long T, ModelSample V)> NextLate(Random random)
    {
        var samples = new List<(Labels, long, ModelSample)>();
        foreach (var (number, labels) in LiveSeries())
        {
            for (var i = random.Next(0, 60); i > 0; i--)
            {
                var time = _nowMs - random.NextInt64(4 * HourMs);
                samples.Add((labels, time, ModelValues.Next(number, time, random)));
            }
        }

        return samples;
    }

    // What is there, with the same value or another one.
    private List<(Labels Labels, long T, ModelSample V)> NextAgain(Random random)
    {
        var samples = new List<(Labels, long, ModelSample)>();
        foreach (var series in _series.Values.Where(series => series.Samples.Count > 0))
        {
            var (t, values) = series.Samples.ElementAt(random.Next(series.Samples.Count));
            var value = values.First();
            samples.Add((series.Labels, t, random.Next(2) == 0 ? value : ModelValues.Other(value)));
        }

        return samples;
    }

    private async Task AppendAsync(Random random, List<(Labels Labels, long T, ModelSample V)> samples)
    {
        samples = [.. samples.Where(sample => !Of(sample.Labels).IsDeleted(sample.T))];
        if (random.Next(3) == 0) samples = [.. samples.OrderBy(_ => random.Next())];
        if (samples.Count == 0) return;
        var headMaxMs = _headMaxMs;
        _headMaxMs = Math.Max(_headMaxMs, samples.Max(sample => sample.T));
        var before = samples.Select(sample => Of(sample.Labels).ValuesAt(sample.T)).ToList();
        foreach (var (labels, t, v) in samples)
        {
            var series = Of(labels);
            if (!series.Samples.ContainsKey(t)) series.Unknown.Add(t);
            series.Add(t, v);
        }

        var report = await CommitAsync(samples);
        (report.Stored + report.AlreadyStored + report.Rejected.Count).Should().Be(samples.Count);
        var rejected = report.Rejected
            .GroupBy(r => (r.Labels, r.Sample.TimestampMs, new ModelSample(r.Sample.Value, r.Histogram)))
            .ToDictionary(group => group.Key, group => group.First());
        foreach (var one in rejected.Values) CheckReason(one, headMaxMs);
        for (var i = 0; i < samples.Count; i++)
        {
            var (labels, t, v) = samples[i];
            var series = Of(labels);
            if (rejected.ContainsKey((labels, t, v)) && !before[i].Contains(v)) series.Remove(t, v);
            if (before[i].Count == 0) series.Unknown.Remove(t);
        }
    }

    private async Task<AppendReport> CommitAsync(List<(Labels Labels, long T, ModelSample V)> samples)
    {
        using var appender = _database.CreateAppender();
        foreach (var (labels, t, v) in samples)
        {
            var series = appender.GetOrAddSeries(labels, []);
            if (v.Histogram is { } histogram) appender.AppendHistogram(series, t, 0, histogram);
            else appender.Append(series, [new FloatSample(t, v.Value)]);
        }

        return await appender.CommitAsync(TestContext.Current.CancellationToken);
    }

    private void CheckReason(RejectedSample rejected, long headMaxMs)
    {
        var (labels, sample) = (rejected.Labels, rejected.Sample);
        var series = Of(labels);
        var isRight = rejected.Reason switch
        {
            AppendResult.DuplicateTimestamp => series.Samples.TryGetValue(sample.TimestampMs, out var values) &&
                (values.Count > 1 || !values.Contains(new ModelSample(sample.Value, rejected.Histogram))),
            AppendResult.OutOfOrder => _windowMs == 0 && sample.TimestampMs <= series.NewestMs,
            AppendResult.OutOfBounds => _windowMs == 0 && sample.TimestampMs < _headMaxMs - HourMs,
            AppendResult.TooOld => _windowMs > 0 && sample.TimestampMs < _headMaxMs - _windowMs,
            _ => false,
        };
        isRight.Should().BeTrue(
            $"{labels} at {sample.TimestampMs} is rejected as {rejected.Reason}; the head was at {headMaxMs}");
    }

    private async Task DeleteAsync(Random random)
    {
        if (_series.Count == 0) return;
        var chosen = _series.Values.ElementAt(random.Next(_series.Count));
        var from = _nowMs - random.NextInt64(8 * HourMs);
        var range = random.Next(3) == 0
            ? new TimeInterval(long.MinValue, long.MaxValue)
            : new TimeInterval(from, from + random.NextInt64(3 * HourMs));
        var isOthers = random.Next(8) == 0;
        var matcher = new LabelMatcher(
            isOthers ? MatchType.NotEqual : MatchType.Equal, "n", chosen.Number);
        List<ModelSeries> affected = [.. _series.Values.Where(series => series == chosen != isOthers)];
        foreach (var series in affected) series.BeginDelete(range);
        await _database.DeleteSeriesAsync(
            range.MinTimeMs, range.MaxTimeMs, [matcher], TestContext.Current.CancellationToken);
        foreach (var series in affected) series.EndDelete(range);
    }

    private void CheckRange(Random random)
    {
        if (_series.Count == 0) return;
        var minMs = _nowMs - random.NextInt64(12 * HourMs);
        var maxMs = minMs + random.NextInt64(4 * HourMs);
        var chosen = _series.Values.ElementAt(random.Next(_series.Count));
        var isOthers = random.Next(2) == 0;
        var matcher = new LabelMatcher(
            isOthers ? MatchType.NotEqual : MatchType.Equal, "n", chosen.Number);
        var stored = Read(minMs, maxMs, matcher);
        stored.Keys.Where(labels => labels == chosen.Labels == isOthers).Should().BeEmpty();
        Compare(stored, _series.Values.Where(series => series == chosen != isOthers), minMs, maxMs, "in a range");
        LatestAnswers += LatestCheck.Run(_database, minMs, maxMs);
        LatestAnswers += LatestCheck.Run(_database, _nowMs - (HourMs / 12), _nowMs + HourMs);
    }

    private Dictionary<Labels, List<(long T, ModelSample V)>> CheckAll(string moment)
    {
        _database.Blocks.UnreadableCount.Should().Be(0);
        MaxBlocks = Math.Max(MaxBlocks, _database.Blocks.Current.Blocks.Count);
        var stored = Read(long.MinValue, long.MaxValue);
        Compare(stored, _series.Values, long.MinValue, long.MaxValue, moment);
        return stored;
    }

    private void Compare(
        Dictionary<Labels, List<(long T, ModelSample V)>> stored,
        IEnumerable<ModelSeries> expected,
        long minMs,
        long maxMs,
        string moment)
    {
        foreach (var series in expected)
        {
            if (series.Compare(stored.GetValueOrDefault(series.Labels, []), minMs, maxMs) is { } problem)
                Assert.Fail($"n={series.Number}, {moment}: {problem}");
        }

        stored.Keys.Where(labels => !_series.ContainsKey(labels)).Should().BeEmpty(moment);
    }

    private Dictionary<Labels, List<(long T, ModelSample V)>> Read(
        long minMs, long maxMs, params LabelMatcher[] matchers) =>
        StoredHistograms.Read(_database, minMs, maxMs, matchers).ToDictionary(
            series => series.Key,
            series => series.Value.ConvertAll(sample => (sample.T, new ModelSample(sample.V, sample.Histogram))));

    private ModelSeries Of(Labels labels)
    {
        if (!_series.TryGetValue(labels, out var series)) _series[labels] = series = new ModelSeries(labels);
        return series;
    }
}
