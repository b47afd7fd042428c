using PromHost.Model;
using PromHost.Storage;

namespace PromHost.PromQL.Tests;

/// <summary>What an instant selector finds of regular samples, against a walk over all of them per step.</summary>
public sealed class RegularStepsTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 120)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void TryFill_FindsTheNewestSampleInSight_AtEachStep(int seed)
    {
        var random = new Random(seed);
        var distanceMs = 1 + random.Next(30_000);
        var stepMs = distanceMs * (1L + random.Next(5));
        var count = 2 + random.Next(200);
        var firstMs = 1_000_000L;
        var startMs = firstMs + (random.Next(-150, 250) * (long)distanceMs);
        if (random.Next(2) == 1) startMs += random.Next(distanceMs);
        var grid = new StepGrid(startMs, startMs + (stepMs * random.Next(1, 150)), stepMs);
        var lookbackMs = distanceMs + random.Next(distanceMs * 8);
        var columns = new SampleColumns();
        for (var i = 0; i < count; i++)
            columns.Add(new FloatSample(firstMs + (i * (long)distanceMs), random.NextDouble()));
        var row = new SeriesRow(grid.Count);

        RegularSteps.TryFill(grid, startMs, lookbackMs, columns, row, out var found).Should().BeTrue();

        found.Should().Be(row.CountPresent());
        for (var step = 0; step < grid.Count; step++)
        {
            var timeMs = grid.TimeMs(step);
            var newest = columns.TimestampsMs.ToArray().Count(time => time <= timeMs) - 1;
            var isInSight = newest >= 0 && columns.TimestampsMs[newest] > timeMs - lookbackMs;
            row.Has(step).Should().Be(isInSight, "step {0} of seed {1}", step, seed);
            if (isInSight) row.Values[step].Should().Be(columns.Values[newest]);
        }
    }

    [Fact]
    public void TryFill_LeavesTheRowAlone_WhenASampleIsAStalenessMarkerOrOutOfSight()
    {
        var grid = new StepGrid(2_000, 5_000, 1_000);
        var columns = new SampleColumns();
        columns.Add(new FloatSample(1_000, 1));
        columns.Add(new FloatSample(2_000, 2));
        columns.Add(new FloatSample(3_000, 3));
        var row = new SeriesRow(grid.Count);

        RegularSteps.TryFill(grid, 2_000, 999, columns, row, out _).Should().BeFalse();
        columns.Add(new FloatSample(4_000, StaleMarker.Value));
        RegularSteps.TryFill(grid, 2_000, 5_000, columns, row, out _).Should().BeFalse();

        row.CountPresent().Should().Be(0);
    }

    [Fact]
    public void SetRange_SetsTheBitsFromOneToBeforeAnother()
    {
        for (var from = 0; from <= 200; from += 7)
        {
            for (var end = from; end <= 200; end += 3)
            {
                var words = new ulong[4];

                PresenceBits.SetRange(words, from, end);

                PresenceBits.Count(words).Should().Be(end - from);
                for (var step = from; step < end; step++) PresenceBits.Has(words, step).Should().BeTrue();
            }
        }
    }
}
