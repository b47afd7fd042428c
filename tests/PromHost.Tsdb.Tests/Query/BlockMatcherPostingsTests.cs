using PromHost.Model;
using MatchType = PromHost.Model.MatchType;

namespace PromHost.Tsdb.Tests;

public sealed class BlockMatcherPostingsTests : IDisposable
{
    private static readonly string[] Patterns =
    [
        "", ".*", ".+", "200", "200|404", "host-0.*", ".*1:9100", "j[0-2]", "(|200)", "|j.*", "z", "host-00\\d:9100|",
        ".{3}", "(?i)J1|Z2", "host-01.+|up", "x.*",
    ];

    private static readonly string[] Names = ["__name__", "code", "instance", "job", "place", "zone", "missing"];
    private static readonly string[] Values = ["", "200", "j1", "z2", "host-013:9100", "up", "nothing", "Zürich"];

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Find_AgreesWithAskingEverySeries_ForRandomMatchers()
    {
        GoldenBlock.CopyTo(_folder.Path);
        using var index = IndexReader.Open(_folder.Open(), $"{GoldenBlock.Name}/index");
        var all = new uint[GoldenBlock.Expected.Count];
        index.Postings.Get(index.Postings.CheckAll()).CopyTo(all);
        var random = new Random(11);
        for (var round = 0; round < 5000; round++)
        {
            var matchers = Enumerable.Range(0, random.Next(0, 4)).Select(_ => NextMatcher(random)).ToList();
            var expected = all.Where((_, i) => matchers.TrueForAll(
                matcher => matcher.Matches(GoldenBlock.Expected[i].Labels.Get(matcher.NameUtf8.Span))));
            BlockMatcherPostings.Find(index, matchers).Should().Equal(expected, string.Join(", ", matchers));
        }
    }

    private static LabelMatcher NextMatcher(Random random)
    {
        var name = Names[random.Next(Names.Length)];
        var type = (MatchType)random.Next(4);
        return type is MatchType.RegexMatch or MatchType.NotRegexMatch
            ? new LabelMatcher(type, name, Patterns[random.Next(Patterns.Length)])
            : new LabelMatcher(type, name, Values[random.Next(Values.Length)]);
    }
}
