namespace PromHost.Tsdb.Tests;

public sealed class SeriesOrderTests : IDisposable
{
    private readonly TemporaryDirectory _root = new();

    [Theory]
    [InlineData(1, 3000, 8, 3)]
    [InlineData(2, 3000, 3, 40)]
    [InlineData(3, 40, 2, 100)]
    [InlineData(4, 1, 3, 3)]
    public async Task Sort_OrdersAsLabelsAreOrdered(int seed, int count, int names, int values)
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        var head = database.Head;
        var random = new Random(seed);
        var series = new HashSet<int>();
        for (var i = 0; i < count; i++)
        {
            // Many begin alike, and many end where others go on.
            var labels = Enumerable.Range(0, names)
                .Where(_ => random.Next(3) > 0)
                .Select(name => ($"n{name}", $"v{random.Next(values)}"))
                .ToArray();
            series.Add(head.Table.GetOrAdd(TestDatabase.Series($"m{random.Next(2)}", labels), []));
        }

        var sorted = series.ToArray();
        random.Shuffle(sorted);
        var symbols = HeadSymbols.Of(head.Table, head.Index, sorted);
        new SeriesOrder(head.Table, symbols).Sort(sorted);

        var expected = series.ToArray();
        Array.Sort(expected, (a, b) => head.Table.LabelsOf(a).CompareTo(head.Table.LabelsOf(b)));
        sorted.Should().Equal(expected);
    }

    [Fact]
    public async Task Sort_ComesThroughLabelSetsThatAgreeForLong()
    {
        await using var database = await TestDatabase.OpenAsync(_root.Open());
        var head = database.Head;
        var common = Enumerable.Range(0, 2000).Select(i => ($"a{i:d5}", "same")).ToArray();
        var series = Enumerable.Range(0, 100)
            .Select(i => head.Table.GetOrAdd(TestDatabase.Series("m", [.. common, ("z", $"{99 - i:d3}")]), []))
            .ToArray();
        var expected = series.Reverse().ToArray();
        new SeriesOrder(head.Table, HeadSymbols.Of(head.Table, head.Index, series)).Sort(series);
        series.Should().Equal(expected);
    }

    public void Dispose() => _root.Dispose();
}
