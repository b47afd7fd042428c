using static PromHost.Model.Tests.HistogramText;

namespace PromHost.Model.Tests;

public sealed class HistogramSizeTests
{
    [Fact]
    public void BytesOf_CountsSpansBucketsAndBounds()
    {
        HistogramSize.BytesOf(Exponential()).Should().Be(168);
        HistogramSize.BytesOf(Exponential("0: 1 2 | 9: 3", "1: 1")).Should().Be(168 + 8 * 7);
        HistogramSize.BytesOf(Custom([1, 2], "0: 1")).Should().Be(168 + 8 * 4);
    }
}
