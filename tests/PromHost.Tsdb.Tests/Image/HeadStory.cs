using System.Globalization;
using PromHost.Chunks.Tests;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>Fills a database with a bit of everything, always the same.</summary>
internal sealed class HeadStory
{
    private const int HistogramSeries = 6;
    private const long FirstMs = 1_700_000_000_000;

    private readonly Random _random = new(7);
    private readonly List<IEnumerator<(long T, NativeHistogram H)>> _histograms =
    [
        .. Enumerable.Range(0, HistogramSeries).Select(seed => HistogramSequence.Make(seed, 4000).GetEnumerator()),
    ];

    private int _step;
    private int _series = 30;

    /// <summary>What was acknowledged; of use without others than floats.</summary>
    public SampleLedger Ledger { get; } = new();

    public bool HasOnlyFloats { get; init; }

    /// <summary>Appends some minutes of samples; a few are late, a few series are new.</summary>
    public async Task AppendAsync(Database database, int batches)
    {
        for (var batch = 0; batch < batches; batch++)
        {
            _step++;
            if (_step % 7 == 0) _series++;
            var samples = new List<(Labels, long, double)>();
            for (var series = 0; series < _series; series++)
            {
                // Some fall silent, some have a sample now and then.
                if (series % 10 == 3 && _step % 300 > 150) continue;
                var late = _random.Next(25) == 0 ? _random.Next(1, 100) * 15_000 : 0;
                var t = FirstMs + (_step * 15_000L) - late - _random.Next(1, 50);
                samples.Add((LabelsOf(series), t, Math.Round(Math.Sin(t + series), series % 5)));
            }

            await Ledger.AppendAsync(database, samples);
            if (_step % 3 == 0 && !HasOnlyFloats) await AppendOthersAsync(database);
        }
    }

    public static Labels LabelsOf(int series) => TestDatabase.Series(
        "m" + (series % 4), ("series", series.ToString(CultureInfo.InvariantCulture)));

    private async Task AppendOthersAsync(Database database)
    {
        using var appender = database.CreateAppender();
        for (var i = 0; i < HistogramSeries; i++)
        {
            var series = appender.GetOrAddSeries(TestDatabase.Series("h", ("i", $"{i}")), []);
            if (_histograms[i].MoveNext())
                appender.AppendHistogram(series, _histograms[i].Current.T, 0, _histograms[i].Current.H);
            var trace = Labels.FromPairs(("trace", $"{_step}-{i}"));
            appender.AppendExemplar(series, new Exemplar(trace, FirstMs + (_step * 1000) + i, i));
        }

        appender.UpdateMetadata("m1"u8, new MetricMetadata("gauge", $"what it is at {_step / 50}", "s"));
        appender.UpdateMetadata("h"u8, new MetricMetadata("histogram", "how long", "s"));
        await appender.CommitAsync(TestContext.Current.CancellationToken);
    }
}
