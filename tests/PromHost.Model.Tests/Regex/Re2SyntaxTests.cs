namespace PromHost.Model.Tests;

public class Re2SyntaxTests
{
    [Theory]
    [InlineData("a(b", "missing closing ): `a(b`")]
    [InlineData("a)b", "unexpected ): `a)b`")]
    [InlineData("a)(b", "unexpected ): `a)(b`")]
    [InlineData("[a", "missing closing ]: `[a`")]
    [InlineData("x[]", "missing closing ]: `[]`")]
    [InlineData("[z-a]", "invalid character class range: `z-a`")]
    [InlineData("[[:foo:]]", "invalid character class range: `[:foo:]`")]
    [InlineData(@"\pX", @"invalid character class range: `\pX`")]
    [InlineData(@"\p{Foo}", @"invalid character class range: `\p{Foo}`")]
    [InlineData(@"\p{greek}", @"invalid character class range: `\p{greek}`")]
    [InlineData(@"\p", @"invalid character class range: `\p`")]
    [InlineData("*a", "missing argument to repetition operator: `*`")]
    [InlineData("a|{2}", "missing argument to repetition operator: `{2}`")]
    [InlineData("a**", "invalid nested repetition operator: `**`")]
    [InlineData("a*+?", "invalid nested repetition operator: `*+?`")]
    [InlineData("a{2}{3}", "invalid nested repetition operator: `{2}{3}`")]
    [InlineData("a{1001}", "invalid repeat count: `{1001}`")]
    [InlineData("a{2,1}", "invalid repeat count: `{2,1}`")]
    [InlineData("a{99999999999}", "invalid repeat count: `{99999999999}`")]
    [InlineData("((a{10}){10}){11}", "invalid repeat count: `{11}`")]
    [InlineData(@"a\", "trailing backslash at end of expression: ``")]
    [InlineData(@"\Z", @"invalid escape sequence: `\Z`")]
    [InlineData(@"\C", @"invalid escape sequence: `\C`")]
    [InlineData(@"\1", @"invalid escape sequence: `\1`")]
    [InlineData(@"\é", @"invalid escape sequence: `\é`")]
    [InlineData(@"\xZZ", @"invalid escape sequence: `\xZZ`")]
    [InlineData(@"\x{12G}", @"invalid escape sequence: `\x{12G`")]
    [InlineData(@"\x{110000}", @"invalid escape sequence: `\x{110000`")]
    [InlineData("(?z)", "invalid or unsupported Perl syntax: `(?z`")]
    [InlineData("(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`")]
    [InlineData("(?#c)", "invalid or unsupported Perl syntax: `(?#`")]
    [InlineData("(?=a)", "invalid or unsupported Perl syntax: `(?=`")]
    [InlineData("(?P=n)", "invalid or unsupported Perl syntax: `(?P`")]
    [InlineData("(?", "invalid or unsupported Perl syntax: `(?`")]
    [InlineData("(?P<n", "invalid named capture: `(?P<n`")]
    [InlineData("(?P<>a)", "invalid named capture: `(?P<>`")]
    [InlineData("(?P<a-b>a)", "invalid named capture: `(?P<a-b>`")]
    [InlineData("(?<n", "invalid named capture: `(?<n`")]
    [InlineData("(?<=a)", "invalid named capture: `(?<=a)`")]
    public void Compile_FailsWithGoText_WhenPatternIsNoRe2(string pattern, string error)
    {
        Action compile = () => Re2.CompileAnchored(pattern);

        compile.Should().Throw<Re2SyntaxException>().WithMessage("error parsing regexp: " + error);
    }

    [Theory]
    [InlineData("a{,2}", "a{,2}")]
    [InlineData("a{01}", "a{01}")]
    [InlineData("a{2", "a{2")]
    [InlineData("x{1000}{", null)]
    [InlineData(@"\Qa.b\E+", "a.bbb")]
    [InlineData(@"\Qa.b", "a.b")]
    [InlineData(@"\_\.\-", "_.-")]
    [InlineData(@"\101\x41\x{41}", "AAA")]
    [InlineData("[]a]+", "]a")]
    [InlineData("[^]a]", "b")]
    [InlineData("[a-]+", "a-")]
    [InlineData("[[:word:]-]+", "a_-")]
    [InlineData(@"[\d\-x]+", "1-x")]
    [InlineData("(?P<n>a)(?P<n>b)(?<m>c)", "abc")]
    [InlineData("(?i)ab(?-i)c", "ABc")]
    [InlineData("(?i:a)b", "Ab")]
    [InlineData("(?U)a+?", "aa")]
    [InlineData("^*a$+", "a")]
    [InlineData("|a||b", "")]
    public void Compile_Accepts_WhatGoAccepts(string pattern, string? match)
    {
        Re2 regex = Re2.CompileAnchored(pattern);

        regex.Pattern.Should().Be(pattern);
        if (match is not null)
            regex.IsMatch(match).Should().BeTrue();
    }

    [Fact]
    public void CompileFramed_QuotesTheFrame_WhenPatternIsNoRe2()
    {
        Action compile = () => Re2.CompileFramed("a(");

        compile.Should().Throw<Re2SyntaxException>()
            .WithMessage("error parsing regexp: missing closing ): `^(?s:a()$`");
    }

    [Fact]
    public void CompileFramed_ReadsFrameAndPatternAsOneText_WhenParenthesesCross()
    {
        // As Go does: the frame is (?s:a) and the rest is not in it.
        Re2 regex = Re2.CompileFramed("a)(b");

        regex.IsMatch("ab").Should().BeTrue();
        regex.CaptureCount.Should().Be(1);
    }

    [Theory]
    [InlineData(999, true)]
    [InlineData(1000, false)]
    [InlineData(100_000, false)]
    public void Compile_BoundsNesting_AsGoDoes(int depth, bool accepted)
    {
        string pattern = new string('(', depth) + "a" + new string(')', depth);
        Action compile = () => Re2.Compile(pattern);

        if (accepted)
            compile.Should().NotThrow();
        else
            compile.Should().Throw<Re2SyntaxException>().Which.Reason.Should().Be("expression nests too deeply");
    }

    [Fact]
    public void Compile_Fails_WhenWrittenOutTooLarge()
    {
        string pattern = "(?:" + new string('x', 3500) + "){1000}";
        Action compile = () => Re2.Compile(pattern);

        compile.Should().Throw<Re2SyntaxException>().Which.Reason.Should().Be("expression too large");
    }

    [Fact]
    public void Compile_Fails_WhenPatternIsNoUnicode()
    {
        Action compile = () => Re2.Compile("a\ud800b");

        compile.Should().Throw<Re2SyntaxException>().Which.Reason.Should().Be("invalid UTF-8");
    }
}
