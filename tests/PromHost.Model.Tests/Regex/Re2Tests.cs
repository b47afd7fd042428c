using System.Globalization;
using System.Text;

namespace PromHost.Model.Tests;

public class Re2Tests
{
    [Theory]
    [InlineData("foo", "foo", true)]
    [InlineData("foo", "foobar", false)]
    [InlineData("fo", "foo", false)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("foo|bar", "bar", true)]
    [InlineData("foo|bar", "foobar", false)]
    [InlineData(".*", "a\nb", true)]
    [InlineData("a.b", "a\nb", true)]
    [InlineData("(?-s)a.b", "a\nb", false)]
    [InlineData(".+", "", false)]
    [InlineData(".+", "x", true)]
    [InlineData("foo.*", "foo", true)]
    [InlineData("foo.+", "foo", false)]
    [InlineData("foo.+", "foo\u4e16", true)]
    [InlineData(".*foo.*", "xfoox", true)]
    [InlineData(".*foo.*", "xfox", false)]
    [InlineData(".*a.+b.*c", "1a2b3c", true)]
    [InlineData(".*a.+b.*c", "1ab3c", false)]
    [InlineData("a.*a", "a", false)]
    [InlineData("^foo$", "foo", true)]
    [InlineData("a$|b", "a", true)]
    [InlineData("a$b", "ab", false)]
    [InlineData("(?m)a$.^b", "a\nb", true)]
    [InlineData(@"(?m)a$\n^b", "a\nb", true)]
    [InlineData(@"\bfoo\b.*", "foo bar", true)]
    [InlineData(@"\bfoo\b.*", "foobar", false)]
    [InlineData(@".*\Boo\b", "foo", true)]
    [InlineData(@"\w+", "é", false)]
    [InlineData(@"\d", "\u0663", false)]
    [InlineData(@"[[:alpha:]]", "é", false)]
    [InlineData(@"\s", "\v", false)]
    [InlineData("(?i)k", "\u212a", true)]
    [InlineData("(?i)s.*", "\u017fx", true)]
    [InlineData("(?i)\u03c2", "\u03a3", true)]
    [InlineData("(?i)straße", "STRA\u1e9eE", true)]
    [InlineData("(?i)[^k]", "\u212a", false)]
    [InlineData("(?i)foo", "FoO", true)]
    [InlineData("(?i)foo.*", "FOObar", true)]
    [InlineData("(?i).*foo", "barFOO", true)]
    [InlineData("(?i)i", "\u0130", false)]
    [InlineData(@"\p{Greek}+", "αβγ", true)]
    [InlineData(@"\p{Greek}+", "abc", false)]
    [InlineData(@"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}", "世あア한", true)]
    [InlineData(@"\p{Old_Italic}\p{Nko}", "𐌀ߊ", true)]
    [InlineData(@"\pL\p{Lu}\PL\p{^Lu}", "aB1c", true)]
    [InlineData(@"\p{Any}\p{Zs}\p{Sc}\p{LC}", "x €a", true)]
    [InlineData(@"\p{Cn}", "\u0378", true)]
    [InlineData(@"(?i)\p{Lu}", "a", true)]
    [InlineData(".", "𝔸", true)]
    [InlineData("..", "𝔸", false)]
    [InlineData(@"\x{1d538}", "𝔸", true)]
    [InlineData("[𝔸-𝔹]", "𝔹", true)]
    [InlineData("(a*)*", "aaa", true)]
    [InlineData("(a|b)*c{2,3}", "abcc", true)]
    [InlineData("(a|b)*c{2,3}", "abcccc", false)]
    [InlineData("x{0}", "", true)]
    [InlineData("(?:)|x", "x", true)]
    public void CompileAnchored_MatchesWholeValues(string pattern, string value, bool expected)
    {
        Re2.CompileAnchored(pattern).IsMatch(value).Should().Be(expected);
        Re2.CompileFramed(pattern).IsMatch(Encoding.UTF8.GetBytes(value)).Should().Be(expected);
        Re2.CompileFramed("(" + pattern + ")").TryMatchCaptures(Encoding.UTF8.GetBytes(value), new int[10])
            .Should().Be(expected);
    }

    [Theory]
    [InlineData("b", "abc", true)]
    [InlineData("^b", "abc", false)]
    [InlineData("(?m)^b", "a\nb", true)]
    [InlineData("c$", "abc\n", false)]
    [InlineData("a.c", "a\nc", false)]
    [InlineData(@"\bb", "a b", true)]
    [InlineData("", "x", true)]
    [InlineData("(b|c)+d", "abccd", true)]
    [InlineData("bb|^ab", "xab", false)]
    public void Compile_FindsAnywhere(string pattern, string value, bool expected) =>
        Re2.Compile(pattern).IsMatch(value).Should().Be(expected);

    [Theory]
    [InlineData(".", "ff", true)]
    [InlineData("..", "ff", false)]
    [InlineData("..", "e4b8", true)]
    [InlineData(@"\x{fffd}", "ff", true)]
    [InlineData("\ufffd", "efbfbd", true)]
    [InlineData("a\ufffd.*", "61ff", true)]
    [InlineData("[^a]", "ff", true)]
    [InlineData(@"\pL", "ff", false)]
    [InlineData("...", "eda080", true)]
    [InlineData(".+é", "c3c3a9", true)]
    public void IsMatch_ReadsInvalidBytesAsReplacementCharacters(string pattern, string hex, bool expected) =>
        Re2.CompileAnchored(pattern).IsMatch(Convert.FromHexString(hex)).Should().Be(expected);

    [Fact]
    public void IsMatch_TakesLongStrings()
    {
        string value = new('é', 5000);

        Re2.CompileAnchored("é+").IsMatch(value).Should().BeTrue();
        Re2.CompileAnchored("é+x").IsMatch(value).Should().BeFalse();
    }

    [Theory]
    [InlineData("foo", "foo")]
    [InlineData("foo|bar", "foo bar")]
    [InlineData("^foo$", "foo")]
    [InlineData("a[bc]d", "abd acd")]
    [InlineData("(foo|bar)-(1|2)", "foo-1 foo-2 bar-1 bar-2")]
    [InlineData("a|a|b", "a b")]
    [InlineData("ab?", "a ab")]
    [InlineData("a{1,3}", "a aa aaa")]
    [InlineData("", "")]
    [InlineData("pod-1|pod-22|x", "pod-1 pod-22 x")]
    [InlineData(@"a\.b", "a.b")]
    [InlineData("foo.*", null)]
    [InlineData("(?i)foo", null)]
    [InlineData("[0-9]{3}", null)]
    [InlineData("a+", null)]
    [InlineData("a\ufffd", null)]
    [InlineData("[^a]", null)]
    [InlineData("a$b", null)]
    public void SetMatches_ListsEveryString_WhenThereAreFew(string pattern, string? expected)
    {
        IReadOnlyList<string>? actual = Re2.CompileAnchored(pattern).SetMatches;

        if (expected is null)
            actual.Should().BeNull();
        else
            actual.Should().BeEquivalentTo(expected.Split(' '));
    }

    [Fact]
    public void SetMatches_ListsThousands_WhenThePatternWritesThem()
    {
        string[] names = [.. Enumerable.Range(0, 3000).Select(i => "pod-" + i.ToString(CultureInfo.InvariantCulture))];
        Re2 regex = Re2.CompileAnchored(string.Join('|', names));

        regex.SetMatches!.Order(StringComparer.Ordinal).Should().Equal(names.Order(StringComparer.Ordinal));
        regex.IsMatch("pod-2999").Should().BeTrue();
        regex.IsMatch("pod-3000").Should().BeFalse();
    }

    [Fact]
    public void SetMatches_IsNull_WhenPatternSearches() => Re2.Compile("foo").SetMatches.Should().BeNull();

    [Theory]
    [InlineData("foo.*", "foo")]
    [InlineData("foo", "foo")]
    [InlineData("foo(bar|baz)x+", "fooba")]
    [InlineData("(a|ab)c+", "a")]
    [InlineData("(foo)+.*", "foo")]
    [InlineData("(?:foo){2}.*", "foo")]
    [InlineData("é𝔸.*|é𝔹.*", "é")]
    [InlineData(".*foo", null)]
    [InlineData("(?i)foo.*", null)]
    [InlineData("(foo)?bar", null)]
    [InlineData("[ab]c*", null)]
    public void LiteralPrefix_IsWhatEveryMatchBeginsWith(string pattern, string? expected) =>
        Re2.CompileAnchored(pattern).LiteralPrefix.Should().Be(expected);

    [Theory]
    [InlineData(".*", true, true, true)]
    [InlineData("(.*)", true, true, true)]
    [InlineData("^.*$", true, true, true)]
    [InlineData("(.+)?", true, true, true)]
    [InlineData("foo|.*", true, true, true)]
    [InlineData(".+", false, false, true)]
    [InlineData(".*.+", false, false, true)]
    [InlineData("(?-s).*", true, false, false)]
    [InlineData("a*", true, false, false)]
    [InlineData("", true, false, false)]
    [InlineData("foo", false, false, false)]
    public void Facts_TellWhatMatchesAnything(string pattern, bool empty, bool anything, bool anyNonEmpty)
    {
        Re2 regex = Re2.CompileAnchored(pattern);

        (regex.MatchesEmpty, regex.MatchesAnything, regex.MatchesAnyNonEmpty)
            .Should().Be((empty, anything, anyNonEmpty));
    }

    [Theory]
    [InlineData("(a+)(a*)", "aaa", "0,3,0,3,3,3")]
    [InlineData("(a+?)(a*)", "aaa", "0,3,0,1,1,3")]
    [InlineData("(a|ab)(c|bcd)(d*)", "abcd", "0,4,0,1,1,4,4,4")]
    [InlineData("(|a)*", "aa", "0,2,1,2")]
    [InlineData("(a)|(b)", "b", "0,1,-1,-1,0,1")]
    [InlineData("(.*)-(.*)", "é-x-y", "0,6,0,4,5,6")]
    [InlineData("(?:(a)|b)*", "ab", "0,2,0,1")]
    [InlineData("([^-]+)-(.*)", "ab-cd-e", "0,7,0,2,3,7")]
    public void TryMatchCaptures_PrefersAsGoDoes(string pattern, string value, string expected)
    {
        Re2 regex = Re2.CompileFramed(pattern);
        int[] offsets = new int[2 * (regex.CaptureCount + 1)];

        regex.TryMatchCaptures(Encoding.UTF8.GetBytes(value), offsets).Should().BeTrue();
        string.Join(',', offsets).Should().Be(expected);
    }

    [Theory]
    [InlineData("a+", "baaab", "1,4")]
    [InlineData("a*", "baaa", "0,0")]
    [InlineData("(a|ab)(c|bcd)", "xabcd", "1,5,1,2,2,5")]
    [InlineData(@"(\w+) (\w+)$", "one two three", "4,13,4,7,8,13")]
    public void TryMatchCaptures_FindsLeftmost_WhenPatternSearches(string pattern, string value, string expected)
    {
        Re2 regex = Re2.Compile(pattern);
        int[] offsets = new int[2 * (regex.CaptureCount + 1)];

        regex.TryMatchCaptures(Encoding.UTF8.GetBytes(value), offsets).Should().BeTrue();
        string.Join(',', offsets).Should().Be(expected);
    }

    [Theory]
    [InlineData("$1-$2", "ab-c")]
    [InlineData("${1}x$1x", "abx")]
    [InlineData("$n/${n}", "c/c")]
    [InlineData("$$1", "$1")]
    [InlineData("$0", "ab:c")]
    [InlineData("$3|$10|$01|$none|", "||||")]
    [InlineData("$", "$")]
    [InlineData("a${1", "a${1")]
    [InlineData("${}", "${}")]
    [InlineData("$-é", "$-é")]
    public void Expand_FillsTemplates(string template, string expected)
    {
        Re2 regex = Re2.CompileFramed("(.*):(?P<n>.*)");
        byte[] utf8 = "ab:c"u8.ToArray();
        int[] offsets = new int[2 * (regex.CaptureCount + 1)];
        regex.TryMatchCaptures(utf8, offsets).Should().BeTrue();

        regex.Expand(template, utf8, offsets).Should().Be(expected);
        regex.CaptureNames.Should().Equal(null, null, "n");
    }

    [Fact]
    public void IsMatch_AnswersTheSame_FromManyThreads()
    {
        Re2 regex = Re2.CompileAnchored(@"(\w+-)*[a-c]{3}.*[0-9]+x?");
        byte[][] values = [.. Enumerable.Range(0, 500).Select(i => Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"pod-{i}-{(i % 3 == 0 ? "abc" : "xyz")}-é{i * 7}")))];
        bool[] expected = [.. values.Select((_, i) => i % 3 == 0)];

        int wrong = 0;

        Parallel.For(0, 64, _ =>
        {
            int[] offsets = new int[4];
            for (int i = 0; i < values.Length; i++)
            {
                bool matches = regex.IsMatch(values[i]);
                bool captures = regex.TryMatchCaptures(values[i], offsets);
                if (matches != expected[i] || captures != expected[i])
                    Interlocked.Increment(ref wrong);
            }
        });

        wrong.Should().Be(0);
    }
}
