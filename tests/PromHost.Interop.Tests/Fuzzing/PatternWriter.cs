using System.Globalization;
using System.Text;

namespace PromHost.Interop.Tests;

/// <summary>
/// Writes random regular expressions in the syntax of RE2, one in four of them broken somewhere, and values that such
/// patterns match: both of the same few characters.
/// </summary>
/// <param name="random">What decides.</param>
internal sealed class PatternWriter(Random random)
{
    // Letters that fold to others, some to three or to longer ones; what the syntax uses; what UTF-16 writes as two.
    private static readonly string[] s_characters =
    [
        "a", "b", "c", "A", "B", "k", "K", "\u212a", "s", "S", "\u017f", "\u00e9", "\u00c9", "\u00df",
        "\u1e9e", "1", "2",
        "_", "-", " ", "\n", "\t", "\u0130", "\u0131", "i", "I", "\u03c3", "\u03c2", "\u03a3", "\U0001f600", "\u4e16",
        "\u01c4", "\u01c5", "\u01c6", "\ufffd", "\u00a0", "\u2028", "\0", "\u007f", "\ufb00", "\uff21", "a", "b",
    ];

    private static readonly string[] s_classes =
    [
        ".", ".", @"\d", @"\D", @"\w", @"\W", @"\s", @"\S", @"\pL", @"\p{Greek}", @"\PN", @"\p{^Lu}",
        @"\P{Han}", @"\pZ",
        "[[:alpha:]]", "[[:^digit:]]", "[[:word:][:space:]]", @"[\pL\d-]", "[^a-c]", "[a-cA]", "[^\\n]",
        @"[\x00-\x{7f}]",
        "[-a]", "[]a]", "[^]b]", "[k-s]", @"[^\W]", @"\p{Any}", @"\p{Lt}", @"[^\p{Ll}]", @"\p{L}", @"\p{So}", "[é-ß]",
        "[ß-é]", @"[\p{Greek}\S]", "[[:ascii:]]", "[[:foo:]]", @"\p{Nope}", @"\pX",
    ];

    private static readonly string[] s_escapes =
    [
        @"\x41", @"\x{1F600}", @"\n", @"\t", @"\.", @"\-", @"\_", @"\Qa.b\E", @"\Q*", @"\101", @"\0", @"\07",
        @"\8", @"\C",
        @"\a", @"\f", @"\v", @"\x", @"\x{}", @"\x{110000}", @"\e", @"\K", @"\k", @"\x{212a}", @"\1",
    ];

    private static readonly string[] s_assertions = ["^", "$", @"\A", @"\z", @"\b", @"\B", "(?m:^)", "(?m:$)", @"\Z"];

    private static readonly string[] s_repetitions =
        ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,}", "{0,2}", "{1,3}?", "{0}", "{,2}", "{2,1}", "{1001}",
        "**", "{1000}"];

    private static readonly string[] s_groups =
    [
        "(", "(", "(?:", "(?:", "(?P<n>", "(?<n>", "(?i:", "(?i:", "(?s:", "(?-s:", "(?U:", "(?im:", "(?i-s:",
        "(?P=n", "(?=",
        "(?i)", "(?^:", "(?P<1>", "(?",
    ];

    // What selectors are mostly written as, for which there are short cuts.
    private static readonly string[] s_frames =
    [
        "@.*", ".*@", ".*@.*", "@.+", ".+@", ".+@.+", "@|@|@", "(@|@).*", "@(@|@)", "(?i)@", "(?i:@|@)",
        "(?i)@.*", "(?i).*@.*",
        "@.*@", "@-.*-@.*", "@?", "(@)?", "|@", "@|", "(?:@|@|@|@)@", "[@@]", "[^@]*@", "(@+)(.*)",
        "(?P<n>@)-(.*)", "(.*)@(.*)",
        "(@*)(@|@@)", "(.*?)(@+)", "^@$", "^(@|@)$", "(?i)(@|@)@", "(?s)@.@", "(?-s)@.@", "@{2,}", ".*@.*@.*",
        "@|@.*|.*@",
    ];

    /// <summary>A pattern.</summary>
    public string Pattern()
    {
        var pattern = random.Next(3) == 0 ? Framed() : Alternation(random.Next(1, 4));
        if (random.Next(3) == 0) pattern = $".*(?:{pattern}).*";
        return random.Next(4) == 0 ? Broken(pattern) : pattern;
    }

    /// <summary>Values, no two of them equal, none empty.</summary>
    public IReadOnlyCollection<string> Values(int count)
    {
        var values = new HashSet<string>(s_characters, StringComparer.Ordinal);
        while (values.Count < count)
        {
            var value = new StringBuilder();
            for (var length = random.Next(1, 7); length > 0; length--) value.Append(Pick(s_characters));
            values.Add(value.ToString());
        }

        return values;
    }

    private string Framed()
    {
        var text = new StringBuilder();
        foreach (var c in Pick(s_frames))
        {
            if (c != '@') text.Append(c);
            else for (var length = random.Next(1, 4); length > 0; length--) text.Append(Literal());
        }

        return text.ToString();
    }

    private string Alternation(int depth)
    {
        var text = Sequence(depth);
        while (random.Next(4) == 0) text += $"|{Sequence(depth)}";
        return text;
    }

    private string Sequence(int depth)
    {
        var text = string.Empty;
        for (var length = random.Next(random.Next(4) == 0 ? 0 : 1, 5); length > 0; length--) text += Repeated(depth);
        return text;
    }

    private string Repeated(int depth) => random.Next(3) == 0 ? Atom(depth) + Pick(s_repetitions) : Atom(depth);

    private string Atom(int depth) => random.Next(depth > 0 ? 14 : 10) switch
    {
        < 5 => Literal(),
        < 8 => Pick(s_classes),
        8 => random.Next(3) == 0 ? Pick(s_escapes) : Literal(),
        9 => random.Next(2) == 0 ? Pick(s_assertions) : Pick(s_classes),
        _ => $"{Pick(s_groups)}{Alternation(depth - 1)})",
    };

    private string Literal() => Pick(s_characters);

    // With a character more, less or twice.
    private string Broken(string pattern)
    {
        const string Syntax = @"()[]{}*+?\|^$-:<>P=,09ix";
        if (pattern.Length == 0) return "(";
        var at = random.Next(pattern.Length);
        if (char.IsSurrogate(pattern[at])) return pattern + "[";
        return random.Next(3) switch
        {
            0 => pattern.Remove(at, 1),
            1 => pattern.Insert(at, Syntax[random.Next(Syntax.Length)].ToString(CultureInfo.InvariantCulture)),
            _ => pattern.Insert(at, pattern[at].ToString(CultureInfo.InvariantCulture)),
        };
    }

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];
}
