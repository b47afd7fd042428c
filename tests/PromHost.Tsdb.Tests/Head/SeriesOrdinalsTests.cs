namespace PromHost.Tsdb.Tests;

public class SeriesOrdinalsTests
{
    [Fact]
    public void TryFindFrom_GoesOverThoseThatAreThere_WhateverIsGone()
    {
        var random = new Random(1);
        var ordinals = new SeriesOrdinals();
        var present = new SortedDictionary<int, int>();
        for (var round = 0; round < 12; round++)
        {
            for (var i = 0; i < 80_000; i++)
            {
                var ordinal = ordinals.Next;
                ordinals.Add(i + 1);
                present.Add(ordinal, i + 1);
            }

            // Whole stretches go, and one here and there.
            var from = random.Next(ordinals.Last);
            var going = present.Keys.Where(o => (o >= from && o < from + 300_000) || o % 97 == round).ToList();
            foreach (var ordinal in going)
            {
                ordinals.Remove(ordinal);
                present.Remove(ordinal);
            }

            var found = new List<KeyValuePair<int, int>>();
            for (var o = 1; ordinals.TryFindFrom(ref o, ordinals.Last, out var series); o++) found.Add(new(o, series));
            found.SequenceEqual(present).Should().BeTrue();
            ordinals.Count.Should().Be(present.Count);
            for (var i = 0; i < 1000; i++)
            {
                var ordinal = random.Next(ordinals.Last + 1000);
                ordinals.SeriesOf(ordinal).Should().Be(present.GetValueOrDefault(ordinal));
            }
        }

        ordinals.Last.Should().Be(12 * 80_000);
    }

    [Fact]
    public void Remove_GivesMemoryBack_HoweverManySeriesHaveComeAndGone()
    {
        var ordinals = new SeriesOrdinals();
        for (var i = 0; i < 3_000_000; i++)
        {
            ordinals.Add(1);
            if (i >= 1000) ordinals.Remove(ordinals.Last - 1000);
        }

        ordinals.Count.Should().Be(1000);
        ordinals.SizeBytes.Should().BeLessThanOrEqualTo(3 * 4096);
    }

    [Fact]
    public void ToSeries_LeavesOutThoseThatAreGone()
    {
        var ordinals = new SeriesOrdinals();
        for (var series = 10; series < 20; series++) ordinals.Add(series);
        ordinals.Remove(2);
        int[] list = [1, 2, 5, 10];
        list.AsSpan(0, ordinals.ToSeries(list)).ToArray().Should().Equal(10, 14, 19);
    }
}
