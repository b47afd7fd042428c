using PromHost.Model;

namespace PromHost.PromQL.Tests;

public sealed class SeriesRowTests
{
    private static readonly NativeHistogram s_histogram = HistogramNotation.Read("{{count:3 sum:4 buckets:[1 2]}}");
    private static readonly NativeHistogram s_other = HistogramNotation.Read("{{count:9 sum:1 buckets:[5 3 1]}}");

    [Fact]
    public void Clear_ForgetsHistograms_WhenTheRowIsFilledAgain()
    {
        var row = new SeriesRow(3);
        row.Set(0, s_histogram);
        row.Set(2, s_histogram);
        row.Clear();
        row.HasHistograms.Should().BeFalse();
        row.Histograms.IsEmpty.Should().BeTrue();
        row.Set(1, s_histogram);
        row.Histograms.ToArray().Should().Equal(null, row.HistogramAt(1), null);
    }

    [Fact]
    public void Clear_AllocatesNothing_WhenEveryRowHasHistograms()
    {
        var row = new SeriesRow(1000);
        row.Set(0, s_histogram);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            row.Clear();
            row.Set(i, s_histogram);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Fact]
    public void Set_TakesTheHistogramAway_WhenAFloatComesToItsStep()
    {
        var row = new SeriesRow(2);
        row.Set(0, s_histogram);
        row.Set(1, s_histogram);
        row.Presence.Clear();
        row.Set(0, 5);
        row.HistogramAt(0).Should().BeNull();
        row.Values[0].Should().Be(5);
    }

    [Fact]
    public void RemoveHistograms_LeavesFloats_WhenBothArePresent()
    {
        var row = new SeriesRow(130);
        for (var step = 0; step < 130; step++)
        {
            if (step % 3 == 0) row.Set(step, s_histogram);
            else if (step % 3 == 1) row.Set(step, step);
        }

        row.RemoveHistograms().Should().BeTrue();
        row.HasHistograms.Should().BeFalse();
        for (var step = 0; step < 130; step++) row.Has(step).Should().Be(step % 3 == 1);
        row.RemoveHistograms().Should().BeFalse();
    }

    [Fact]
    public void RemoveHistograms_SaysNo_WhenTheirPointsAreGone()
    {
        var row = new SeriesRow(2);
        row.Set(0, s_histogram);
        row.Presence.Clear();
        row.Set(1, 1);
        row.RemoveHistograms().Should().BeFalse();
    }

    [Fact]
    public void CopyFrom_CopiesHistogramsOrNone_WhenTheRowHadOthers()
    {
        var source = new SeriesRow(2);
        source.Set(1, s_histogram);
        var target = new SeriesRow(2);
        target.CopyFrom(source);
        source.Clear();
        source.Set(0, s_other);
        HistogramIdentity.AreEqual(target.HistogramAt(1)!, s_histogram).Should().BeTrue();
        source.Clear();
        source.Set(1, 7);
        target.CopyFrom(source);
        target.HasHistograms.Should().BeFalse();
        target.Values[1].Should().Be(7);
    }

    [Fact]
    public void TakeFrom_TakesHistogramsOver_SoThatTheOtherRowHasNone()
    {
        var source = new SeriesRow(3);
        source.Set(1, s_histogram);
        source.Repeat(2, 1);
        var point = source.HistogramAt(1);
        var target = new SeriesRow(3);
        target.Set(0, s_other);
        target.TakeFrom(source);
        target.HistogramAt(1).Should().BeSameAs(point).And.BeSameAs(target.HistogramAt(2));
        target.Has(0).Should().BeFalse();
        source.HasHistograms.Should().BeFalse();
        source.Clear();
        source.Set(1, s_other);
        HistogramIdentity.AreEqual(target.HistogramAt(1)!, s_histogram).Should().BeTrue();
    }

    [Fact]
    public void Set_CopiesAHistogram_SoThatItsPoolMayWriteOverIt()
    {
        var pool = new HistogramPool();
        var row = new SeriesRow(2);
        row.Set(0, pool.Copy(s_histogram));
        pool.Clear();
        pool.Copy(s_other);
        HistogramIdentity.AreEqual(row.HistogramAt(0)!, s_histogram).Should().BeTrue();
    }
}
