using System.Globalization;
using PromHost.Model;
using PromHost.Storage;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb.Tests;

public class MatcherPostingsTests
{
    private static readonly string[] Patterns =
    [
        "", ".*", ".+", "1", "1|2|30", "1.*", ".*1", "[0-4]", "(|1)", "|5.*", "x", "1\\d|", ".", "(?i)A1|b2",
        ".*11.*", "..*2", "[^3]+",
    ];

    private static readonly string[] Names = ["i", "name", "ten", "many", "rare", "missing"];

    private readonly Head _head = new(7_200_000);

    [Fact]
    public void Find_AgreesWithAskingEverySeries_ForRandomMatchers()
    {
        var random = new Random(7);
        for (var i = 0; i < 3000; i++)
        {
            var builder = new LabelsBuilder();
            builder.Set("i", i.ToString(CultureInfo.InvariantCulture)).Set("name", $"m{i % 3}");
            builder.Set("ten", random.Next(4) == 0 ? "" : random.Next(10).ToString(CultureInfo.InvariantCulture));
            builder.Set("many", random.Next(2) == 0 ? "" : random.Next(400).ToString(CultureInfo.InvariantCulture));
            builder.Set("rare", random.Next(500) == 0 ? "a1" : "");
            _head.Table.GetOrAdd(builder.ToLabels(), []);
        }

        for (var round = 0; round < 1500; round++)
        {
            var matchers = Enumerable.Range(0, random.Next(1, 4)).Select(_ => NextMatcher(random)).ToList();
            var max = random.Next(5) == 0 ? random.Next(3000) : 3000;
            var found = MatcherPostings.Find(_head, max, matchers, out var count);
            var expected = Enumerable.Range(1, max)
                .Where(s => matchers.TrueForAll(m => m.Matches(_head.Table.LabelsOf(s).Get(m.NameUtf8.Span))))
                .ToArray();
            found.AsSpan(0, count).SequenceEqual(expected).Should().BeTrue(
                $"{string.Join(", ", matchers)} up to {max}: {count} found, {expected.Length} expected");
        }
    }

    [Fact]
    public void Find_KnowsNewAndGoneValues_OfAnExpressionAskedBefore()
    {
        LabelMatcher[] matchers = [new(MatchType.RegexMatch, "id", ".*7.*")];
        LabelMatcher[] negated = [new(MatchType.NotRegexMatch, "id", ".*7.*"), new(MatchType.Equal, "name", "m1")];
        for (var i = 0; i < 3000; i++)
        {
            var series = _head.Table.GetOrAdd(
                Labels.FromPairs(("name", $"m{i % 2}"), ("id", i.ToString(CultureInfo.InvariantCulture))), []);
            if (i % 5 == 0) _head.Table.Remove(series);
            if (i % 700 == 699)
            {
                (int[] Pairs, int[] Names) unlinked;
                while (_head.Table.SweepLabels(1 << 20, out unlinked))
                {
                }

                unlinked.Pairs.Should().NotBeEmpty();
                _head.Table.FreeLabels(unlinked);
            }

            if (i % 100 != 99) continue;
            Found(matchers).Should().Equal(Living(i).Where(n => Has7(n)));
            Found(matchers).Should().Equal(Living(i).Where(n => Has7(n)), "it is known now");
            Found(negated).Should().Equal(Living(i).Where(n => n % 2 == 1 && !Has7(n)));
        }

        static bool Has7(int n) => n.ToString(CultureInfo.InvariantCulture).Contains('7', StringComparison.Ordinal);

        static IEnumerable<int> Living(int last) => Enumerable.Range(0, last + 1).Where(n => n % 5 != 0);
    }

    [Fact]
    public void Find_TellsTheWatch_WhetherItKnewTheExpression()
    {
        for (var i = 0; i < 600; i++)
        {
            var id = i.ToString(CultureInfo.InvariantCulture);
            _head.Table.GetOrAdd(Labels.FromPairs(("few", id[..1]), ("id", id)), []);
        }

        (long, long) Lookups(params LabelMatcher[] matchers)
        {
            var watch = new ReadWatch(TestContext.Current.CancellationToken);
            Found(matchers, watch);
            return (watch.CacheHits, watch.CacheMisses);
        }

        var many = new LabelMatcher(MatchType.RegexMatch, "id", ".*7.*");
        Lookups(many).Should().Be((0L, 1L));
        Lookups(many).Should().Be((1L, 0L));
        Lookups(many, new LabelMatcher(MatchType.NotRegexMatch, "id", ".*8.*")).Should().Be((1L, 1L));
        Lookups(new LabelMatcher(MatchType.Equal, "id", "7")).Should().Be((0L, 0L));
        Lookups(new LabelMatcher(MatchType.RegexMatch, "few", ".*7.*")).Should().Be((0L, 0L), "it is not kept");
    }

    private int[] Found(LabelMatcher[] matchers, ReadWatch? watch = null)
    {
        var found = MatcherPostings.Find(_head, _head.Index.Ordinals.Last, matchers, out var count, watch);
        return
        [
            .. found.Take(count)
                .Select(s => int.Parse(_head.Table.LabelsOf(s).Get("id"u8), CultureInfo.InvariantCulture)),
        ];
    }

    private static LabelMatcher NextMatcher(Random random)
    {
        var name = Names[random.Next(Names.Length)];
        var type = (MatchType)random.Next(4);
        if (type is MatchType.RegexMatch or MatchType.NotRegexMatch)
            return new LabelMatcher(type, name, Patterns[random.Next(Patterns.Length)]);
        var value = random.Next(3) switch
        {
            0 => "",
            1 => $"m{random.Next(4)}",
            _ => random.Next(12).ToString(CultureInfo.InvariantCulture),
        };
        return new LabelMatcher(type, name, value);
    }
}
