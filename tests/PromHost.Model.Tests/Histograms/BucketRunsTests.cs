namespace PromHost.Model.Tests;

/// <summary>Where one layout has all buckets of another, adding in place does what the merge of both does.</summary>
public sealed class BucketRunsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Add_HasTheBitsOfTheMerge_WhereAllBucketsAreThere(bool isCompensated)
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var (spans, counts) = Next(random);
            var (partSpans, partCounts) = PartOf(random, spans);
            var lost = counts.Select(_ => isCompensated ? random.NextDouble() * 1e-17 : 0).ToArray();
            var side = new BucketView(spans, counts, isCompensated ? lost : default);
            var part = new BucketView(partSpans, partCounts, default);
            var merged = new BucketBuilder();
            BucketOperations.Add(side, part, 0, 0, 1, isCompensated, merged);

            BucketRuns.TryFind(side, part, new BucketRuns.Run[BucketRuns.MaxCount], out var runs).Should().BeTrue();
            if (isCompensated) runs.AddCompensated(counts, lost, partCounts);
            else runs.Add(counts, partCounts, 1);

            counts.Should().Equal(merged.View.Counts.ToArray());
            if (isCompensated) lost.Should().Equal(merged.View.Lost.ToArray());
            merged.View.Spans.ToArray().Should().Equal(spans);
        }
    }

    [Fact]
    public void TryFind_IsFalse_WhereABucketIsMissing()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var (spans, counts) = Next(random);
            var side = new BucketView(spans, counts, default);
            // Behind the end of each span that does not touch the next one, and before the first.
            var missing = new List<int> { spans[0].Offset - 1 };
            var index = 0;
            for (var i = 0; i < spans.Length; i++)
            {
                index += spans[i].Offset + (int)spans[i].Length;
                if (i + 1 == spans.Length || spans[i + 1].Offset > 0) missing.Add(index);
            }

            foreach (var start in missing)
            {
                var part = new BucketView([new HistogramSpan(start, 1)], [1.0], default);
                BucketRuns.TryFind(side, part, new BucketRuns.Run[4], out _).Should().BeFalse();
            }
        }
    }

    [Fact]
    public void TryFind_IsFalse_WhereALayoutIsOdd()
    {
        double[] three = [1, 2, 3];
        var side = new BucketView([new HistogramSpan(0, 3)], three, default);
        var run = new BucketRuns.Run[1];
        BucketRuns.TryFind(side, new BucketView([new(0, 1), new(1, 1)], three.AsSpan(0, 2), default), run, out _)
            .Should().BeFalse("there is room for one run only");
        BucketRuns.TryFind(side, new BucketView([new(0, 1), new(1, 0)], three.AsSpan(0, 1), default), run, out _)
            .Should().BeFalse("a span is empty");
        BucketRuns.TryFind(side, new BucketView([new(1, 1), new(-2, 1)], three.AsSpan(0, 2), default), run, out _)
            .Should().BeFalse("spans overlap");
        BucketRuns.TryFind(side, new BucketView([new(0, 3)], three.AsSpan(0, 2), default), run, out _)
            .Should().BeFalse("a count is missing");
        BucketRuns.TryFind(side, new BucketView([new(1, 2)], three.AsSpan(0, 2), default), run, out _)
            .Should().BeTrue();
    }

    private static (HistogramSpan[] Spans, double[] Counts) Next(Random random)
    {
        var spans = new HistogramSpan[random.Next(1, 6)];
        for (var i = 0; i < spans.Length; i++)
            spans[i] = new HistogramSpan(i == 0 ? random.Next(-5, 5) : random.Next(4), (uint)random.Next(1, 9));
        return (spans, [.. Enumerable.Range(0, spans.Sum(span => (int)span.Length)).Select(_ => random.NextDouble())]);
    }

    // Some of the buckets, in spans of their own.
    private static (HistogramSpan[] Spans, double[] Counts) PartOf(Random random, HistogramSpan[] spans)
    {
        var part = new List<HistogramSpan>();
        var counts = new List<double>();
        var index = 0;
        var end = 0;
        foreach (var span in spans)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++, index++)
            {
                if (random.Next(4) == 0) continue;
                if (part.Count > 0 && index == end) part[^1] = part[^1] with { Length = part[^1].Length + 1 };
                else part.Add(new HistogramSpan(part.Count == 0 ? index : index - end, 1));
                end = index + 1;
                counts.Add(random.NextDouble() * 1000);
            }
        }

        return ([.. part], [.. counts]);
    }
}
