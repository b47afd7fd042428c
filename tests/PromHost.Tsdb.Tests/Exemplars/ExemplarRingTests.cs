using PromHost.Model;
using PromHost.Storage;
using static PromHost.Tsdb.Tests.TestDatabase;

namespace PromHost.Tsdb.Tests;

public class ExemplarRingTests
{
    private static readonly Labels A = Series("a");
    private static readonly Labels B = Series("b");
    private static readonly IReadOnlyList<IReadOnlyList<LabelMatcher>> Everything = [[]];

    [Fact]
    public void Add_KeepsTheNewestOnes()
    {
        var ring = new ExemplarRing(3, 0);
        for (var t = 1; t <= 5; t++) ring.Add(t == 1 ? B : A, Make(t, t)).Should().Be(ExemplarOutcome.Stored);

        Times(ring).Should().Equal((A, 3), (A, 4), (A, 5));
        ring.SeriesCount.Should().Be(1);
        ring.OldestTimeMs.Should().Be(3);
        ring.Appended.Should().Be(5);
    }

    [Fact]
    public void Add_TakesRepetitionsForTheSame()
    {
        var ring = new ExemplarRing(10, 0);
        ring.Add(A, Make(5, 1));

        ring.Add(A, Make(5, 1)).Should().Be(ExemplarOutcome.AlreadyStored);
        ring.Add(A, Make(6, 1) with { HasOwnTimestamp = false }).Should().Be(ExemplarOutcome.Stored);
        // Of a scrape whose text gives no times: the same exemplar is there at every scrape.
        ring.Add(A, Make(7, 1) with { HasOwnTimestamp = false }).Should().Be(ExemplarOutcome.AlreadyStored);

        ring.Count.Should().Be(2);
    }

    [Fact]
    public void Add_RefusesWhatIsOutOfOrder()
    {
        var ring = new ExemplarRing(10, 0);
        ring.Add(A, Make(5, 2));

        ring.Add(A, Make(4, 3)).Should().Be(ExemplarOutcome.OutOfOrder);
        ring.Add(A, Make(5, 1)).Should().Be(ExemplarOutcome.OutOfOrder, "of one time, larger values come later");
        ring.Add(A, Make(5, 3)).Should().Be(ExemplarOutcome.Stored, "a native histogram has several of one time");
        ring.Add(B, Make(4, 3)).Should().Be(ExemplarOutcome.Stored);

        ring.OutOfOrder.Should().Be(2);
        Times(ring).Should().Equal((A, 5), (A, 5), (B, 4));
    }

    [Fact]
    public void Add_OrdersByTheHashOfLabels_WhenTimeAndValueAreEqual()
    {
        var ring = new ExemplarRing(10, 0);
        Exemplar[] ordered =
            [.. Enumerable.Range(0, 5).Select(i => Make(5, 1, $"t{i}")).OrderBy(e => e.Labels.StableHash())];
        ring.Add(A, ordered[2]);

        ring.Add(A, ordered[1]).Should().Be(ExemplarOutcome.OutOfOrder);
        ring.Add(A, ordered[3]).Should().Be(ExemplarOutcome.Stored);
    }

    [Fact]
    public void Add_TakesLateOnesWithinTheWindow()
    {
        var ring = new ExemplarRing(10, outOfOrderWindowMs: 100);
        ring.Add(A, Make(1000, 1));

        ring.Add(A, Make(900, 1)).Should().Be(ExemplarOutcome.OutOfOrder);
        ring.Add(A, Make(901, 1)).Should().Be(ExemplarOutcome.Stored);
        ring.Add(A, Make(950, 1)).Should().Be(ExemplarOutcome.Stored);
        ring.Add(A, Make(950, 2)).Should().Be(ExemplarOutcome.AlreadyStored);
        ring.Add(A, Make(901, 2)).Should().Be(ExemplarOutcome.AlreadyStored);

        Times(ring).Should().Equal((A, 901), (A, 950), (A, 1000));
    }

    [Theory]
    [InlineData(120, true)]
    [InlineData(121, false)]
    public void Add_CountsCharactersOfLabels(int length, bool isStored)
    {
        var ring = new ExemplarRing(10, 0);

        // The name has eight.
        ring.Add(A, Make(1, 1, new string('ä', length)))
            .Should().Be(isStored ? ExemplarOutcome.Stored : ExemplarOutcome.LabelsTooLong);
    }

    [Fact]
    public void Add_TakesNothing_WhenItHoldsNone()
    {
        var ring = new ExemplarRing(0, 0);

        ring.Check(A, Make(1, 1)).Should().Be(ExemplarOutcome.Disabled);
        ring.Add(A, Make(1, 1)).Should().Be(ExemplarOutcome.Disabled);
        ring.SelectExemplars(0, 10, Everything).Should().BeEmpty();
        ring.SizeBytes.Should().Be(0);
    }

    [Fact]
    public void SelectExemplars_TakesSeriesOfAnySelectorAndTimesOfTheRange()
    {
        var ring = new ExemplarRing(100, 0);
        for (var t = 1; t <= 9; t++)
        {
            ring.Add(A, Make(t, t));
            ring.Add(B, Make(t, t));
            ring.Add(Series("c"), Make(t, t));
        }

        var found = ring.SelectExemplars(3, 4, [[Name("b")], [Name("a"), Name("b")], [Name("a")]]);

        found.Select(series => series.Labels).Should().Equal(A, B);
        found[0].Exemplars.Should().Equal(Make(3, 3), Make(4, 4));
        ring.SelectExemplars(10, 20, Everything).Should().BeEmpty();
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 40)]
    [InlineData(2, 40)]
    [InlineData(37, 0)]
    [InlineData(37, 40)]
    public void Add_KeepsWhatAListKeeps(int capacity, int windowMs)
    {
        var random = new Random(capacity + windowMs);
        var ring = new ExemplarRing(capacity, windowMs);
        var model = new Model(capacity, windowMs);
        for (var i = 0; i < 20_000; i++)
        {
            var series = Series("s" + random.Next(6));
            var exemplar = Make((i / 10) + random.Next(60), random.Next(3), "t" + random.Next(2));
            ring.Check(series, exemplar).Should().BeOneOf(model.Check(series, exemplar));
            ring.Add(series, exemplar).Should().Be(model.Add(series, exemplar));
            if (i % 50 == 0)
                Flatten(ring.SelectExemplars(long.MinValue, long.MaxValue, Everything)).Should().Equal(model.All());
        }

        ring.ToList().Should().Equal(model.InOrder);
    }

    private static Exemplar Make(long timestampMs, double value, string trace = "x") =>
        new(Labels.FromPairs(("trace_id", trace)), timestampMs, value);

    private static LabelMatcher Name(string name) => new(PromHost.Model.MatchType.Equal, Labels.MetricName, name);

    private static List<(Labels, long)> Times(ExemplarRing ring) =>
        [.. Flatten(ring.SelectExemplars(0, 10_000, Everything)).Select(e => (e.Series, e.Exemplar.TimestampMs))];

    private static IEnumerable<(Labels Series, Exemplar Exemplar)> Flatten(IEnumerable<SeriesExemplars> found) =>
        found.SelectMany(series => series.Exemplars.Select(exemplar => (series.Labels, exemplar)));

    /// <summary>The rules of Prometheus's storage, over one list in the order of arrival.</summary>
    private sealed class Model(int capacity, long windowMs)
    {
        public List<(Labels Series, Exemplar Exemplar)> InOrder { get; } = [];

        public ExemplarOutcome Check(Labels series, Exemplar exemplar)
        {
            var mine = Of(series);
            if (mine.Count == 0) return ExemplarOutcome.Stored;
            var newest = mine[^1];
            if (newest == exemplar) return ExemplarOutcome.AlreadyStored;
            if (exemplar.TimestampMs < newest.TimestampMs)
            {
                return newest.TimestampMs - exemplar.TimestampMs >= windowMs
                    ? ExemplarOutcome.OutOfOrder
                    : ExemplarOutcome.Stored;
            }

            if (exemplar.TimestampMs > newest.TimestampMs) return ExemplarOutcome.Stored;
            var order = exemplar.Value.CompareTo(newest.Value);
            if (order == 0) order = exemplar.Labels.StableHash().CompareTo(newest.Labels.StableHash());
            return order < 0 ? ExemplarOutcome.OutOfOrder : ExemplarOutcome.Stored;
        }

        public ExemplarOutcome Add(Labels series, Exemplar exemplar)
        {
            var outcome = Check(series, exemplar);
            if (outcome != ExemplarOutcome.Stored) return outcome;
            var mine = Of(series);
            if (mine.Count > 0 && exemplar.TimestampMs < mine[^1].TimestampMs &&
                mine.Exists(other => other.TimestampMs == exemplar.TimestampMs))
                return ExemplarOutcome.AlreadyStored;
            if (InOrder.Count == capacity) InOrder.RemoveAt(0);
            InOrder.Add((series, exemplar));
            return outcome;
        }

        public List<(Labels, Exemplar)> All() =>
            [.. InOrder.Select(entry => entry.Series).Distinct().Order()
                .SelectMany(series => Of(series).Select(exemplar => (series, exemplar)))];

        // Sorting is stable: of one time, the order of arrival.
        private List<Exemplar> Of(Labels series) =>
            [.. InOrder.Where(entry => entry.Series == series).Select(entry => entry.Exemplar)
                .OrderBy(exemplar => exemplar.TimestampMs)];
    }
}
