using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace PromHost.Model.Tests;

/// <summary>Every way to match gives one answer, and that of .NET's Regex where both mean the same.</summary>
public class RegexEnginesTests
{
    private static readonly Gen<string> s_atoms = Gen.Elements(
        "a", "b", "ab", "c", ".", "[ab]", "[^a]", "a|b", "x", "[a-c]", @"\.", "aa|b", "|a");

    private static readonly Gen<string> s_texts = Gen.Elements("a", "b", "c", "ab", "x", ".", "-")
        .ListOf().Select(pieces => string.Concat(pieces));

    [Fact]
    public void AllMachines_AgreeWithDotNet_OnAsciiPatterns() =>
        Prop.ForAll(Patterns(4).ToArbitrary(), s_texts.ToArbitrary(), Agree)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    private static void Agree(string pattern, string text)
    {
        string framed = $"^(?s:{pattern})$";
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        // RE2's $ is the very end of the text.
        System.Text.RegularExpressions.Match expected = System.Text.RegularExpressions.Regex.Match(
            text,
            $@"\A(?s:{pattern})\z",
            RegexOptions.CultureInvariant | RegexOptions.NonBacktracking,
            System.Text.RegularExpressions.Regex.InfiniteMatchTimeout);

        (RegexNode root, string?[] names) = RegexParser.Parse(framed, RegexFlags.None);
        int slotCount = 2 * names.Length;
        RegexProgram plain = RegexCompiler.Compile(root, savesCaptures: false, searches: false);
        RegexProgram saving = RegexCompiler.Compile(root, savesCaptures: true, searches: false);
        int[] piked = new int[slotCount];
        int[] onePassed = new int[slotCount];

        Re2.CompileAnchored(pattern).IsMatch(utf8).Should().Be(expected.Success);
        Re2.CompileFramed(pattern).IsMatch(utf8).Should().Be(expected.Success);
        new LazyDfa(plain).IsMatch(utf8).Should().Be(expected.Success);
        new PikeMachine(plain, 0).TryMatch(utf8, []).Should().Be(expected.Success);
        new PikeMachine(saving, slotCount).TryMatch(utf8, piked).Should().Be(expected.Success);
        if (OnePassMachine.TryCreate(saving, slotCount) is { } onePass)
        {
            onePass.TryMatch(utf8, onePassed).Should().Be(expected.Success);
            if (expected.Success)
                onePassed.Should().Equal(piked);
        }
    }

    private static Gen<string> Patterns(int depth)
    {
        if (depth == 0)
            return s_atoms;
        Gen<string> smaller = Patterns(depth - 1);
        return Gen.OneOf(
            s_atoms,
            smaller.Select(p => $"({p})"),
            smaller.Zip(Gen.Elements("*", "+", "?", "{2}", "{1,2}", "*?", "+?")).Select(p => $"(?:{p.Item1}){p.Item2}"),
            smaller.Two().Select(p => p.Item1 + p.Item2),
            smaller.Two().Select(p => $"(?:{p.Item1}|{p.Item2})"));
    }
}
