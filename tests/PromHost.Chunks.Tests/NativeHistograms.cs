using FluentAssertions.Execution;
using PromHost.Model;

namespace PromHost.Chunks.Tests;

/// <summary>Compares histograms by what they mean: buckets without observations do not count.</summary>
public static class NativeHistograms
{
    /// <summary>Fails unless both have the same bits.</summary>
    public static void ShouldEqual(this NativeHistogram actual, NativeHistogram expected, string because)
    {
        using var scope = new AssertionScope(because);
        actual.IsInteger.Should().Be(expected.IsInteger);
        Bits(actual.Sum).Should().Be(Bits(expected.Sum));
        if (StaleMarker.Is(expected.Sum)) return;
        actual.Schema.Should().Be(expected.Schema);
        Bits(actual.Count).Should().Be(Bits(expected.Count));
        Bits(actual.ZeroCount).Should().Be(Bits(expected.ZeroCount));
        Bits(actual.ZeroThreshold).Should().Be(Bits(expected.ZeroThreshold));
        Buckets(actual.PositiveSpans, actual.PositiveCounts).Should()
            .Equal(Buckets(expected.PositiveSpans, expected.PositiveCounts));
        Buckets(actual.NegativeSpans, actual.NegativeCounts).Should()
            .Equal(Buckets(expected.NegativeSpans, expected.NegativeCounts));
        actual.CustomBounds.ToArray().Should().Equal(expected.CustomBounds.ToArray());
    }

    /// <summary>The buckets with observations: index and bits of the count.</summary>
    public static List<(long Index, ulong Bits)> Buckets(
        ReadOnlyMemory<HistogramSpan> spans, ReadOnlyMemory<double> counts)
    {
        var buckets = new List<(long, ulong)>();
        var index = 0L;
        var next = 0;
        foreach (var span in spans.Span)
        {
            index += span.Offset;
            for (var i = 0; i < span.Length; i++, index++, next++)
            {
                if (counts.Span[next] != 0) buckets.Add((index, Bits(counts.Span[next])));
            }
        }

        next.Should().Be(counts.Length);
        return buckets;
    }

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);
}
