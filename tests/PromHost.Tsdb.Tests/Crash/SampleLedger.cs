using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>What was offered to a database and what it acknowledged, to be held against what it has.</summary>
/// <param name="keptMs">Samples that are older than this before the newest may be gone.</param>
internal sealed class SampleLedger(long keptMs = long.MaxValue)
{
    private readonly Dictionary<Labels, Dictionary<long, double>> _offered = [];
    private readonly Dictionary<Labels, Dictionary<long, double>> _acknowledged = [];
    private readonly HashSet<Labels> _deleting = [];
    private readonly HashSet<Labels> _deleted = [];
    private long _newestMs = long.MinValue;

    /// <summary>Offers samples and notes those that were not rejected.</summary>
    public async Task AppendAsync(Database database, IReadOnlyList<(Labels Labels, long T, double V)> samples)
    {
        foreach (var (labels, t, v) in samples)
        {
            Note(_offered, labels, t, v);
            _newestMs = Math.Max(_newestMs, t);
        }

        var report = await database.AppendAsync([.. samples]);
        var rejected = report.Rejected.Select(r => (r.Labels, r.Sample.TimestampMs)).ToHashSet();
        foreach (var (labels, t, v) in samples)
        {
            if (!rejected.Contains((labels, t))) Note(_acknowledged, labels, t, v);
        }
    }

    /// <summary>Deletes a series, which gets no samples any more.</summary>
    public async Task DeleteAsync(Database database, Labels labels, LabelMatcher matcher)
    {
        _deleting.Add(labels);
        await database.DeleteSeriesAsync(
            long.MinValue, long.MaxValue, [matcher], TestContext.Current.CancellationToken);
        _deleted.Add(labels);
    }

    /// <summary>
    /// Nothing acknowledged may be missing, nothing may be there that was not offered, or was deleted.
    /// </summary>
    public void Check(Database database, string moment)
    {
        var stored = database.ReadAll();
        var keptFromMs = keptMs == long.MaxValue ? long.MinValue : _newestMs - keptMs;
        foreach (var (labels, samples) in _acknowledged)
        {
            if (_deleting.Contains(labels)) continue;
            var times = stored.GetValueOrDefault(labels, []).Select(sample => sample.T).ToHashSet();
            var missing = samples.Keys.Where(t => t >= keptFromMs && !times.Contains(t)).ToList();
            if (missing.Count > 0)
                Assert.Fail($"{labels}: lost {missing.Count} of {samples.Count} from {missing.Min()} on, {moment}");
        }

        foreach (var (labels, samples) in stored)
        {
            if (samples.Count > 0 && _deleted.Contains(labels))
                Assert.Fail($"{labels}: {samples.Count} deleted samples are there, {moment}");
            var offered = _offered.GetValueOrDefault(labels) ?? [];
            foreach (var (t, v) in samples)
            {
                if (!offered.TryGetValue(t, out var value) || !value.Equals(v))
                    Assert.Fail($"{labels}: {v} at {t} was never offered, {moment}");
            }

            samples.Select(sample => sample.T).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems(moment);
        }
    }

    private static void Note(Dictionary<Labels, Dictionary<long, double>> samples, Labels labels, long t, double v)
    {
        if (!samples.TryGetValue(labels, out var series)) samples[labels] = series = [];
        series[t] = v;
    }
}
