using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

/// <summary>
/// Random histograms against a sorted dictionary of buckets, and laws that hold as long as all numbers are small
/// integers, which doubles add exactly.
/// </summary>
public sealed class HistogramAdditionPropertyTests
{
    private readonly HistogramWorkspace _workspace = new();

    [Fact]
    public void Sum_HasTheBucketsOfBoth()
    {
        ForAll((random, a, b) =>
        {
            var schema = Math.Min(a.Schema, b.Schema);
            var sum = Fold(a, b, (x, y) => x.Add(y));
            var expected = Buckets(a, schema);
            foreach (var (index, count) in Buckets(b, schema))
                expected[index] = expected.GetValueOrDefault(index) + count;
            Buckets(sum, schema).Should().Equal(expected);
            HistogramValidation.IsValid(sum, out _).Should().BeTrue();
            sum.Count.Should().Be(a.Count + b.Count);
        });
    }

    [Fact]
    public void Sum_ThenDifference_GivesTheFirst()
    {
        ForAll((random, a, b) =>
        {
            var sum = HistogramArithmetic.Add(a, b, _workspace, out _)!;
            var back = HistogramArithmetic.Subtract(sum, b, _workspace, out _)!;
            var lowered = HistogramArithmetic.LowerSchema(a, back.Schema, _workspace);
            HistogramIdentity.AreEqual(back, HistogramArithmetic.Compact(lowered, _workspace)).Should().BeTrue();
        });
    }

    [Fact]
    public void Sum_CompactedDoesNotDependOnTheOrder()
    {
        ForAll((random, a, b) => HistogramIdentity.AreEqual(
            HistogramArithmetic.Add(a, b, _workspace, out _)!,
            HistogramArithmetic.Add(b, a, _workspace, out _)!).Should().BeTrue());
    }

    [Fact]
    public void Sum_OfLowered_IsTheLoweredSum()
    {
        ForAll((random, a, b) =>
        {
            var schema = Math.Min(a.Schema, b.Schema) - random.Next(3);
            var sum = HistogramArithmetic.LowerSchema(
                HistogramArithmetic.Add(a, b, _workspace, out _)!, schema, _workspace);
            var other = HistogramArithmetic.Add(
                HistogramArithmetic.LowerSchema(a, schema, _workspace),
                HistogramArithmetic.LowerSchema(b, schema, _workspace), _workspace, out _)!;
            HistogramIdentity.AreEqual(HistogramArithmetic.Compact(sum, _workspace), other).Should().BeTrue();
        });
    }

    // Compensated or not: exact numbers give the same buckets and the same spans.
    [Fact]
    public void CompensatedSum_HasTheSpansOfThePlainOne()
    {
        ForAll((random, a, b) =>
        {
            var plain = Fold(a, b, (x, y) => x.Add(y));
            var compensated = Fold(a, b, (x, y) => x.AddCompensated(y));
            HistogramIdentity.AreEqual(plain, compensated).Should().BeTrue();
            if (a.Schema != b.Schema) return;
            var expected = Exponential(Insert(a, b), schema: a.Schema, count: plain.Count, sum: plain.Sum);
            HistogramIdentity.AreEqual(plain, expected).Should().BeTrue();
        });
    }

    [Fact]
    public void Sum_IsNoResetFromItsParts()
    {
        ForAll((random, a, b) =>
        {
            var sum = HistogramArithmetic.Add(a, b, _workspace, out _)!;
            CounterResetDetection.IsReset(sum, a).Should().BeFalse();
            var isNothing = Buckets(b, b.Schema).Values.All(count => count == 0) && b.Count == 0;
            if (!isNothing) CounterResetDetection.IsReset(a, sum).Should().BeTrue();
        });
    }

    [Fact]
    public void KeepBelowAndAbove_PartTheHistogram()
    {
        ForAll((random, a, b) =>
        {
            // At a bound of the schema nothing has to be divided.
            var value = BucketBounds.UpperOfExponential(a.Schema, random.Next(-4, 20));
            var below = HistogramTrimming.KeepBelow(a, value, _workspace);
            var above = HistogramTrimming.KeepAbove(a, value, _workspace);
            var both = HistogramArithmetic.Add(below, above, _workspace, out _)!;
            Positive(both).Should().Be(Positive(HistogramArithmetic.Compact(a, _workspace)));
        });
    }

    [Fact]
    public void Fraction_IsTheInverseOfTheQuantile()
    {
        ForAll((random, a, b) =>
        {
            if (a.Count == 0) return;
            var quantile = random.NextDouble();
            var value = HistogramEstimates.Quantile(a, quantile, out _);
            HistogramEstimates.Fraction(a, double.NegativeInfinity, value, out _)
                .Should().BeApproximately(quantile, 1e-9);
        });
    }

    private static void ForAll(Action<Random, NativeHistogram, NativeHistogram> check)
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var schema = random.Next(-1, 4);
            check(random, Next(random, schema), Next(random, random.Next(2) == 0 ? schema : random.Next(-1, 4)));
        }
    }

    private static NativeHistogram Next(Random random, int schema)
    {
        var spans = new List<HistogramSpan>();
        var counts = new List<double>();
        for (var i = random.Next(4); i > 0; i--)
        {
            var length = random.Next(5);
            spans.Add(new HistogramSpan(spans.Count == 0 ? random.Next(-5, 5) : random.Next(4), (uint)length));
            for (var k = 0; k < length; k++) counts.Add(random.Next(4));
        }

        return new NativeHistogram
        {
            Schema = schema,
            Count = counts.Sum(),
            Sum = random.Next(-100, 100),
            PositiveSpans = spans.ToArray(),
            PositiveCounts = counts.ToArray(),
        };
    }

    private NativeHistogram Fold(
        NativeHistogram a, NativeHistogram b, Func<HistogramAccumulator, NativeHistogram, HistogramConflicts> add)
    {
        var sum = new HistogramAccumulator(_workspace);
        sum.Load(a);
        add(sum, b).Should().Be(HistogramConflicts.None);
        sum.EndCompensation();
        return sum.ToHistogram();
    }

    private static SortedDictionary<int, double> Buckets(NativeHistogram histogram, int schema)
    {
        var buckets = new SortedDictionary<int, double>();
        var index = 0;
        var next = 0;
        foreach (var span in histogram.PositiveSpans.Span)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++, index++)
            {
                var target = (int)Math.Ceiling(index / Math.Pow(2, histogram.Schema - schema));
                buckets[target] = buckets.GetValueOrDefault(target) + histogram.PositiveCounts.Span[next++];
            }
        }

        return buckets;
    }

    // Puts the second one's buckets into the spans of the first one by one.
    private static string Insert(NativeHistogram a, NativeHistogram b)
    {
        var spans = new List<SortedDictionary<int, double>>();
        var index = 0;
        var next = 0;
        foreach (var span in a.PositiveSpans.Span)
        {
            index += span.Offset;
            if (span.Length > 0) spans.Add([]);
            for (var i = 0; i < span.Length; i++) spans[^1][index++] = a.PositiveCounts.Span[next++];
        }

        foreach (var (at, count) in Buckets(b, b.Schema))
        {
            var home = spans.Find(span => span.ContainsKey(at))
                ?? spans.Find(span => span.ContainsKey(at - 1)) ?? spans.Find(span => span.ContainsKey(at + 1));
            if (home is null)
            {
                home = [];
                spans.Insert(spans.TakeWhile(span => span.Keys.First() < at).Count(), home);
            }

            home[at] = home.GetValueOrDefault(at) + count;
        }

        return string.Join(" | ", spans.Select(span => $"{span.Keys.First()}: {string.Join(' ', span.Values)}"));
    }
}
