using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>What was offered to a database and what it acknowledged, to be held against what it has.</summary>
internal sealed class SampleLedger
{
    private readonly Dictionary<Labels, Dictionary<long, double>> _offered = [];
    private readonly Dictionary<Labels, Dictionary<long, double>> _acknowledged = [];

    /// <summary>Offers samples and notes those that were not rejected.</summary>
    public async Task AppendAsync(Database database, IReadOnlyList<(Labels Labels, long T, double V)> samples)
    {
        foreach (var (labels, t, v) in samples) Note(_offered, labels, t, v);
        var report = await database.AppendAsync([.. samples]);
        var rejected = report.Rejected.Select(r => (r.Labels, r.Sample.TimestampMs)).ToHashSet();
        foreach (var (labels, t, v) in samples)
        {
            if (!rejected.Contains((labels, t))) Note(_acknowledged, labels, t, v);
        }
    }

    /// <summary>Nothing acknowledged may be missing, nothing may be there that was not offered.</summary>
    public void Check(Database database, string moment)
    {
        var stored = database.ReadAll();
        foreach (var (labels, samples) in _acknowledged)
        {
            stored.TryGetValue(labels, out var found).Should().BeTrue($"{labels} was acknowledged, {moment}");
            var times = found!.Select(sample => sample.T).ToHashSet();
            var missing = samples.Keys.Where(t => !times.Contains(t)).ToList();
            if (missing.Count > 0)
                Assert.Fail($"{labels}: lost {missing.Count} of {samples.Count} from {missing.Min()} on, {moment}");
        }

        foreach (var (labels, samples) in stored)
        {
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
