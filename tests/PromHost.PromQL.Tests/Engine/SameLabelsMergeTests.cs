using PromHost.Model;

namespace PromHost.PromQL.Tests;

public sealed class SameLabelsMergeTests
{
    private static readonly OutputSeries s_a = new(Labels.FromPairs(("l", "a")));
    private static readonly OutputSeries s_b = new(Labels.FromPairs(("l", "b")));

    [Fact]
    public void TryNext_JoinsEqualLabels_InOrderOfFirstAppearance()
    {
        var input = new Rows(("a", [1, null, null]), ("b", [5, 6, 7]), ("a", [null, null, 3]));
        using var merge = SameLabelsMerge.AfterRelabeling(Context(), input);

        merge.Open().Should().Equal(s_a, s_b);

        var row = new SeriesRow(3);
        merge.TryNext(row).Should().BeTrue();
        Points(row).Should().Equal(1, null, 3);
        merge.TryNext(row).Should().BeTrue();
        Points(row).Should().Equal(5, 6, 7);
        merge.TryNext(row).Should().BeFalse();
        merge.TryNext(row).Should().BeFalse();
        input.AskedAfterEnd.Should().Be(1);
    }

    [Theory]
    [InlineData("abs(m) or label_replace(m offset 3m, \"l\", \"a\", \"l\", \"a\")", "{l=\"a\"}")]
    [InlineData("abs(m offset 3m) or label_replace(m, \"l\", \"a\", \"l\", \"a\")", "{__name__=\"m\", l=\"a\"}")]
    [InlineData("label_replace(m offset 3m, \"l\", \"a\", \"l\", \"a\") or abs(m)", "{l=\"a\"}")]
    public async Task Open_KeepsTheNameThatTheFirstPointHas_WhenItIsDelayed(string query, string expected)
    {
        var runner = new QueryRunner(new InMemoryQuerySource().Load(60_000, "m{l=\"a\"} 1 stale"))
        {
            Features = new QueryFeatures { DelayedNameRemoval = true },
        };

        (await runner.Range(query, 0, 300_000, 60_000)).Should().Be(expected + " 1@0 1@180000");
    }

    [Fact]
    public void TryNext_Fails_WhenPointsMeet()
    {
        using var merge = SameLabelsMerge.AfterRelabeling(
            Context(), new Rows(("a", [1, 2, null]), ("a", [null, 2, 3])));
        merge.Open();

        var next = () => merge.TryNext(new SeriesRow(3));

        next.Should().Throw<QueryException>().WithMessage("vector cannot contain metrics with the same labelset");
    }

    [Fact]
    public void AfterFunction_LeavesInstantQueriesAlone_WhenNamesAreDroppedLater()
    {
        using var instant = new Rows(StepGrid.Instant(0), ("a", [1]), ("a", [1]));
        using var range = new Rows(("a", [1, 1, 1]));

        SameLabelsMerge.AfterFunction(Context(delayed: true), instant).Should().BeSameAs(instant);
        SameLabelsMerge.AfterFunction(Context(delayed: true), range).Should().NotBeSameAs(range);
        SameLabelsMerge.AfterFunction(Context(), instant).Should().NotBeSameAs(instant);
    }

    private static double?[] Points(SeriesRow row) =>
        [.. Enumerable.Range(0, row.StepCount).Select(step => row.Has(step) ? row.Values[step] : (double?)null)];

    private static QueryContext Context(bool delayed = false) =>
        QueryContexts.Make(new QueryFeatures { DelayedNameRemoval = delayed });

    private sealed class Rows(StepGrid grid, params (string Label, double?[] Points)[] rows) : SeriesOperator(grid)
    {
        private int _next;

        public Rows(params (string Label, double?[] Points)[] rows)
            : this(new StepGrid(0, 2, 1), rows)
        {
        }

        public int AskedAfterEnd { get; private set; }

        public override IReadOnlyList<OutputSeries> Open() =>
            [.. rows.Select(row => new OutputSeries(Labels.FromPairs(("l", row.Label))))];

        public override bool TryNext(SeriesRow row)
        {
            if (_next == rows.Length)
            {
                AskedAfterEnd++;
                return false;
            }

            row.Clear();
            var points = rows[_next++].Points;
            for (var step = 0; step < points.Length; step++)
            {
                if (points[step] is { } value) row.Set(step, value);
            }

            return true;
        }
    }
}
