using System.Globalization;
using PromHost.Model;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb.Tests;

public class SeriesRemovalTests
{
    private readonly Head _head = new(7_200_000);
    private readonly SeriesRemoval _removal;

    public SeriesRemovalTests() => _removal = new SeriesRemoval(_head.Table, _head.Epochs);

    [Fact]
    public void Remove_LeavesTheOthersAndTheirLabels_ForAnyComingAndGoing()
    {
        var random = new Random(1);
        var living = new Dictionary<Labels, int>();
        for (var round = 0; round < 60; round++)
        {
            var isGrowing = round % 20 < 10;
            foreach (var labels in living.Keys.Where(_ => random.Next(10) < (isGrowing ? 1 : 6)).ToList())
                Remove(living, labels);
            for (var i = 0; i < 200; i++) Add(living, random);
            if (random.Next(3) > 0) SweepAll();
            ShouldHold(living, random);
        }
    }

    [Fact]
    public void Remove_GivesAllMemoryBack_WhenEverySeriesHasGone()
    {
        var living = new Dictionary<Labels, int>();
        var random = new Random(2);
        Add(living, random);
        foreach (var labels in living.Keys.ToList()) Remove(living, labels);
        SweepAll();
        var before = Bytes();
        var most = 0L;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 20_000; i++) Add(living, random);
            most = Math.Max(most, Bytes());
            foreach (var labels in living.Keys.ToList()) Remove(living, labels);
            SweepAll();
        }

        _head.Table.LivingCount.Should().Be(0);
        _head.Index.PairCount.Should().Be(0);
        most.Should().BeGreaterThan(4_000_000);
        // A slab of each size may stay, and the pages of the youngest.
        Bytes().Should().BeLessThan(before + 2_500_000);
    }

    [Fact]
    public void Remove_KeepsWhatAReaderHas_UntilItsEpochEnds()
    {
        var epoch = _head.Epochs.Enter();
        var labels = LabelsOf(1, "gone");
        var series = _head.Table.GetOrAdd(labels, [1, 2, 3]);
        _head.Index.TryFindName("name"u8, out var name).Should().BeTrue();
        _head.Index.TryFindPair(name, "gone"u8, out var pair).Should().BeTrue();
        _removal.Remove(series);
        SweepAll();
        _head.Table.TryGet(labels, out _).Should().BeFalse();
        ulong cursor = 0;
        _head.Table.TryGet([1, 2, 3], ref cursor, out _).Should().BeFalse();
        _head.Index.TryFindName("name"u8, out _).Should().BeFalse();

        // Others come and do not get what is still in use.
        var other = _head.Table.GetOrAdd(LabelsOf(2, "other"), [4, 5, 6]);
        other.Should().NotBe(series);
        _head.Table.LabelsOf(series).Should().Be(labels);
        _head.Index.ValueOf(pair).SequenceEqual("gone"u8).Should().BeTrue();
        _head.Index.Name(name).Text.Should().Be("name");

        _head.Epochs.Leave(epoch);
        _head.Table.GetOrAdd(LabelsOf(3, "third"), []).Should().Be(series);
    }

    [Fact]
    public void Revive_CreatesTheSeriesAgain_UnderANewNumberInTheLog()
    {
        var epoch = _head.Epochs.Enter();
        var labels = LabelsOf(1, "x");
        var series = _head.Table.GetOrAdd(labels, [1]);
        var walRef = _head.Store.State(series).WalRef;
        _removal.Remove(series);
        var again = _head.Table.Revive(series);
        again.Should().NotBe(series);
        _head.Table.Revive(series).Should().Be(again);
        _head.Table.LabelsOf(again).Should().Be(labels);
        _head.Store.State(again).WalRef.Should().BeGreaterThan(walRef);
        _head.Epochs.Leave(epoch);
        _head.Table.GetOrAdd(labels, [1]).Should().Be(again);
    }

    // Senders' encodings that follow each other, of series that are gone: the guess of what follows must not find them.
    [Fact]
    public void TryGet_IsNotMisledByGuesses_WhenSeriesAreReplaced()
    {
        var random = new Random(4);
        ulong cursor;
        for (var round = 0; round < 50; round++)
        {
            var epoch = _head.Epochs.Enter();
            cursor = 0;
            var added = new List<(int Series, byte[] Raw)>();
            for (var i = 0; i < 300; i++)
            {
                // Now and then the same as before, so that what is left of a guess fits.
                var raw = RawOf(random.Next(2) == 0 ? i : random.Next(100_000));
                if (_head.Table.TryGet(raw, ref cursor, out var known))
                {
                    _head.Table.LabelsOf(known).Should().Be(LabelsFor(raw));
                    continue;
                }

                var series = _head.Table.GetOrAdd(LabelsFor(raw), raw, ref cursor);
                added.Add((series, raw));
            }

            _head.Epochs.Leave(epoch);
            foreach (var (series, _) in added.Where(_ => random.Next(10) > 0)) _removal.Remove(series);
            SweepAll();
        }

        static Labels LabelsFor(byte[] raw) => LabelsOf(BitConverter.ToInt32(raw), "guess");
    }

    private static byte[] RawOf(int i) =>
        [.. BitConverter.GetBytes(i), .. System.Text.Encoding.UTF8.GetBytes(new string('x', i % 5 * 8))];

    private static Labels LabelsOf(int i, string name) =>
        Labels.FromPairs(("i", i.ToString(CultureInfo.InvariantCulture)), ("name", name));

    private static byte[] RawOf(Labels labels, int encoding) => [.. labels.Encoded, (byte)encoding];

    private void Add(Dictionary<Labels, int> living, Random random)
    {
        var builder = new LabelsBuilder();
        builder.Set("i", random.Next(50_000).ToString(CultureInfo.InvariantCulture));
        builder.Set("ten", random.Next(4) == 0 ? "" : random.Next(10).ToString(CultureInfo.InvariantCulture));
        builder.Set($"rare{random.Next(300)}", random.Next(20) == 0 ? "a1" : "");
        var labels = builder.ToLabels();
        var series = _head.Table.GetOrAdd(labels, RawOf(labels, random.Next(3)));
        if (!living.TryAdd(labels, series)) living[labels].Should().Be(series);
    }

    private void Remove(Dictionary<Labels, int> living, Labels labels)
    {
        living.Remove(labels, out var series);
        _removal.Remove(series);
    }

    private void SweepAll()
    {
        while (_removal.SweepLabels(budget: 50))
        {
            // In small parts.
        }
    }

    private long Bytes() => _head.Index.SymbolBytes + _head.Index.PostingsBytes + _head.Table.RecordBytes +
        _head.Table.AliasBytes + _head.Store.StateBytes + _head.Store.LabelBytes;

    private void ShouldHold(Dictionary<Labels, int> living, Random random)
    {
        _head.Table.LivingCount.Should().Be(living.Count);
        foreach (var (labels, series) in living)
        {
            _head.Table.TryGet(labels, out var found).Should().BeTrue();
            found.Should().Be(series);
            _head.Table.LabelsOf(series).Should().Be(labels);
        }

        for (var i = 0; i < 20; i++)
        {
            LabelMatcher matcher = random.Next(3) switch
            {
                0 => new(MatchType.NotEqual, "ten", random.Next(10).ToString(CultureInfo.InvariantCulture)),
                1 => new(MatchType.Equal, "ten", random.Next(10).ToString(CultureInfo.InvariantCulture)),
                _ => new(MatchType.RegexMatch, $"rare{random.Next(300)}", "a.*"),
            };
            var found = MatcherPostings.Find(_head, _head.Index.Ordinals.Last, [matcher], out var count);
            found.Take(count).Order().Should().Equal(
                living.Where(l => matcher.Matches(l.Key.Get(matcher.NameUtf8.Span))).Select(l => l.Value).Order());
        }

        if (!_head.Index.TryFindName("i"u8, out var name)) return;
        var values = new List<string>();
        foreach (var pair in _head.Index.Name(name).SortedPairs(_head.Index))
        {
            if (_head.Index.SeriesCount(pair) > 0)
                values.Add(System.Text.Encoding.UTF8.GetString(_head.Index.ValueOf(pair)));
        }

        values.Should().Equal(living.Keys
            .Select(l => System.Text.Encoding.UTF8.GetString(l.Get("i"u8))).Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal));
    }
}
