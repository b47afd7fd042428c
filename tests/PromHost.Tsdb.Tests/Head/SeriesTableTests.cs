using System.Globalization;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

public class SeriesTableTests
{
    private readonly Head _head = new(7_200_000);

    [Fact]
    public void GetOrAdd_KeepsLabelsAsTheyAre_AlsoLongOnes()
    {
        var random = new Random(1);
        var all = new List<Labels>();
        foreach (var length in (int[])[1, 100, 253, 254, 255, 256, 300, 70_000, 2_000_000])
        {
            var labels = Labels.FromPairs(
                (Labels.MetricName, "m"),
                (new string('n', Math.Min(length, 1000)), "v"),
                ("z", new string((char)random.Next('a', 'z'), length)));
            _head.Table.GetOrAdd(labels, []).Should().Be(all.Count + 1);
            all.Add(labels);
        }

        for (var i = 0; i < all.Count; i++)
        {
            _head.Table.LabelsOf(i + 1).Should().Be(all[i]);
            _head.Table.GetOrAdd(all[i], []).Should().Be(i + 1);
        }
    }

    [Fact]
    public void GetOrAdd_FindsEachOfManySeries_ByLabelsAndByEncoding()
    {
        const int Count = 20_000;
        for (var i = 0; i < Count; i++) _head.Table.GetOrAdd(LabelsOf(i), RawOf(i)).Should().Be(i + 1);
        ulong cursor = 0;
        for (var i = 0; i < Count; i++)
        {
            _head.Table.TryGet(RawOf(i), ref cursor, out var byRaw).Should().BeTrue();
            byRaw.Should().Be(i + 1);
            _head.Table.TryGet(LabelsOf(i), out var byLabels).Should().BeTrue();
            byLabels.Should().Be(i + 1);
        }

        _head.Table.TryGet(RawOf(Count), ref cursor, out _).Should().BeFalse();
        _head.Table.TryGet(LabelsOf(Count), out _).Should().BeFalse();
    }

    [Fact]
    public void GetOrAdd_MakesEachSeriesOnce_FromManyThreads()
    {
        const int Count = 5000;
        Parallel.For(0, 8, _ =>
        {
            ulong cursor = 0;
            for (var i = 0; i < Count; i++)
            {
                var series = _head.Table.GetOrAdd(LabelsOf(i), RawOf(i));
                _head.Table.LabelsOf(series).Should().Be(LabelsOf(i));
                _head.Table.TryGet(RawOf(i), ref cursor, out var again).Should().BeTrue();
                again.Should().Be(series);
            }
        });
        _head.Table.LivingCount.Should().Be(Count);
    }

    [Fact]
    public void Postings_StayAsTheyWere_ForReadersInAnEpoch()
    {
        const int Count = 30_000;
        for (var i = 0; i < Count; i++) _head.Table.GetOrAdd(LabelsOf(i), []);
        var pair = _head.Table.PairsOf(1)[0];
        var epoch = _head.Epochs.Enter();
        var seen = _head.Index.Postings(pair);
        seen.Length.Should().Be(Count);
        // Copied as it grows, then as it is swept.
        for (var i = Count; i < 5 * Count; i++) _head.Table.GetOrAdd(LabelsOf(i), []);
        for (var series = 2; series < 5 * Count; series++) _head.Removal.Remove(series);
        while (_head.Removal.SweepLabels(budget: 100_000))
        {
            // To the end.
        }

        seen.SequenceEqual(Enumerable.Range(1, Count).ToArray()).Should().BeTrue();
        var bytes = _head.Index.PostingsBytes;
        _head.Epochs.Leave(epoch);
        _head.Index.PostingsBytes.Should().BeLessThan(bytes / 2);
        _head.Index.Postings(pair).ToArray().Should().Equal(1, 5 * Count);
    }

    [Fact]
    public void TryGet_FindsSeries_InWhateverOrderTheyCome()
    {
        const int Count = 1000;
        for (var i = 0; i < Count; i++) _head.Table.GetOrAdd(LabelsOf(i), RawOf(i));
        var random = new Random(3);
        ulong cursor = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var wanted = random.Next(4) == 0 ? random.Next(Count + 10) : i % Count;
            _head.Table.TryGet(RawOf(wanted), ref cursor, out var series).Should().Be(wanted < Count);
            series.Should().Be(wanted < Count ? wanted + 1 : 0);
        }
    }

    [Fact]
    public void Compare_OrdersAsTheLabels()
    {
        var random = new Random(2);
        var names = (string[])["a", "b", "c", "d"];
        for (var i = 0; i < 300; i++)
        {
            var builder = new LabelsBuilder();
            foreach (var name in names)
                builder.Set(name, random.Next(3) == 0 ? "" : random.Next(12).ToString(CultureInfo.InvariantCulture));
            builder.Set("z", "z");
            _head.Table.GetOrAdd(builder.ToLabels(), []);
        }

        for (var left = 1; left <= _head.Table.LivingCount; left++)
        {
            for (var right = 1; right <= _head.Table.LivingCount; right++)
            {
                var expected = _head.Table.LabelsOf(left).CompareTo(_head.Table.LabelsOf(right));
                Math.Sign(_head.Table.Compare(left, right)).Should().Be(Math.Sign(expected));
            }
        }
    }

    private static Labels LabelsOf(int i) => TestDatabase.Series(
        "m", ("i", i.ToString(CultureInfo.InvariantCulture)), ("odd", $"{i & 1}"));

    private static byte[] RawOf(int i) => System.Text.Encoding.UTF8.GetBytes($"raw encoding of series {i}");
}
