using PromHost.Model;

namespace PromHost.Storage.Tests;

public sealed class SampleColumnsTests
{
    [Fact]
    public void Add_KeepsEverySample_WhenTheColumnsGrow()
    {
        var columns = new SampleColumns();

        for (var i = 0; i < 1000; i++) columns.Add(new FloatSample(i, i * 0.5));

        columns.Count.Should().Be(1000);
        columns.TimestampsMs.ToArray().Should().Equal(Enumerable.Range(0, 1000).Select(i => (long)i));
        columns.Values.ToArray().Should().Equal(Enumerable.Range(0, 1000).Select(i => i * 0.5));
        columns.StartTimestampsMs.IsEmpty.Should().BeTrue();
        columns.Histograms.IsEmpty.Should().BeTrue();
    }

    [Fact]
    public void Reserve_KeepsWhatIsThere_AndAdvanceTakesPartOfIt()
    {
        var columns = new SampleColumns();
        columns.Add(new FloatSample(1, 10));

        columns.Reserve(600, out var timestampsMs, out var values);
        timestampsMs.Length.Should().BeGreaterThanOrEqualTo(600);
        values.Length.Should().BeGreaterThanOrEqualTo(600);
        (timestampsMs[0], values[0]) = (2, 20);
        (timestampsMs[1], values[1]) = (3, 30);
        columns.Advance(1);

        columns.TimestampsMs.ToArray().Should().Equal(1, 2);
        columns.Values.ToArray().Should().Equal(10, 20);
    }

    [Fact]
    public void Advance_Refuses_MoreThanThereIsRoomFor()
    {
        var columns = new SampleColumns();
        columns.Reserve(1, out var timestampsMs, out _);
        var room = timestampsMs.Length;

        columns.Invoking(c => c.Advance(room + 1)).Should().Throw<ArgumentOutOfRangeException>();
        columns.Invoking(c => c.Advance(-1)).Should().Throw<ArgumentOutOfRangeException>();
        columns.Count.Should().Be(0);
    }

    [Fact]
    public void StartTimestamps_AreZero_WhereNoneIsKnown()
    {
        var columns = new SampleColumns();
        columns.Add(new FloatSample(1, 10));
        columns.Add(new FloatSample(2, 20, 7));
        columns.Add(new FloatSample(3, 30));

        columns.StartTimestampsMs.ToArray().Should().Equal(0, 7, 0);
    }

    [Fact]
    public void Histograms_AreNull_WhereAFloatStands()
    {
        var histogram = Histogram();
        var columns = new SampleColumns();
        columns.Add(new FloatSample(1, 10));
        columns.Add(2, 0, histogram);

        columns.Count.Should().Be(2);
        columns.Histograms.ToArray().Should().Equal(null, histogram);
    }

    [Fact]
    public void Truncate_ForgetsWholly_WhatItCutsOff()
    {
        var columns = new SampleColumns();
        columns.Add(new FloatSample(1, 10));
        columns.Add(2, 5, Histogram());

        columns.Truncate(1);
        columns.Add(new FloatSample(3, 30));

        columns.TimestampsMs.ToArray().Should().Equal(1, 3);
        columns.StartTimestampsMs.ToArray().Should().Equal(0, 0);
        columns.Histograms.ToArray().Should().AllSatisfy(histogram => histogram.Should().BeNull());
        columns.Invoking(c => c.Truncate(3)).Should().Throw<ArgumentOutOfRangeException>();
        columns.Invoking(c => c.Truncate(-1)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Clear_ForgetsEverything()
    {
        var columns = new SampleColumns();
        columns.Add(2, 5, Histogram());

        columns.Clear();
        columns.Add(new FloatSample(3, 30));

        columns.TimestampsMs.ToArray().Should().Equal(3);
        columns.StartTimestampsMs.IsEmpty.Should().BeTrue();
        columns.Histograms.IsEmpty.Should().BeTrue();
    }

    private static NativeHistogram Histogram() => new() { Schema = 0, Count = 1, Sum = 2 };

    [Fact]
    public void Remove_TakesSamplesOut_WithWhatBelongsToThem()
    {
        var columns = new SampleColumns();
        for (var i = 0; i < 6; i++) columns.Add(new FloatSample(i, i * 10, i == 4 ? 7 : 0));

        columns.Remove(1, 2);

        columns.TimestampsMs.ToArray().Should().Equal(0, 3, 4, 5);
        columns.Values.ToArray().Should().Equal(0, 30, 40, 50);
        columns.StartTimestampsMs.ToArray().Should().Equal(0, 0, 7, 0);
        columns.Add(new FloatSample(6, 60));
        columns.StartTimestampsMs.ToArray().Should().Equal(0, 0, 7, 0, 0);
        columns.Remove(4, 1);
        columns.Remove(0, 0);
        columns.Count.Should().Be(4);
        columns.Invoking(c => c.Remove(3, 2)).Should().Throw<ArgumentOutOfRangeException>();
        columns.Invoking(c => c.Remove(-1, 2)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void AddOfColumns_TakesAPart_WithWhatBelongsToIt()
    {
        var source = new SampleColumns();
        source.Add(new FloatSample(1, 10));
        source.Add(2, 7, new NativeHistogram { Schema = 0, Count = 1, Sum = 3 });
        source.Add(new FloatSample(3, 30));
        var columns = new SampleColumns();
        columns.Add(new FloatSample(0, 0));

        columns.Add(source, 1, 2);

        columns.TimestampsMs.ToArray().Should().Equal(0, 2, 3);
        columns.Values.ToArray().Should().Equal(0, 3, 30);
        columns.StartTimestampsMs.ToArray().Should().Equal(0, 7, 0);
        columns.Histograms.ToArray().Should().Equal(null, source.Histograms[1], null);
    }
}
