using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace PromHost.PromQL.Tests;

public class ParserPropertyTests
{
    private const string Fragments =
        "sum by without ( ) [ ] { } , : = == =~ != !~ < > </ >/ + - * / % ^ @ offset 5m 1 0x 1.5e \"a\" 'b `c` foo " +
        "rate start end() step() range() max_of( and or unless on ignoring group_left fill( bool anchored topk # \\ " +
        "\n ü _ ; . $ {{ }} x stale schema:1 buckets:[1 2]";

    [Fact]
    public void Printing_ThenParsing_GivesTheSameTree() => Prop.ForAll<int>(seed =>
    {
        var text = new ExpressionGenerator(seed).Vector(4);
        var tree = Parser.ParseExpression(text, ExpressionGenerator.AllOptions);
        var again = Parser.ParseExpression(tree.ToString(), ExpressionGenerator.AllOptions);
        TreeText.Of(again).Should().Be(TreeText.Of(tree), "of {0}, printed as {1}", text, tree);
        var pretty = Parser.ParseExpression(Prettifier.Prettify(tree, 20), ExpressionGenerator.AllOptions);
        TreeText.Of(pretty).Should().Be(TreeText.Of(tree));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void PrintedSizes_AreThoseOfThePrintedText() => Prop.ForAll<int>(seed =>
    {
        var tree = Parser.ParseExpression(new ExpressionGenerator(seed).Vector(4), ExpressionGenerator.AllOptions);
        var sizes = new PrintedSizes();
        foreach (var node in tree.DescendantsAndSelf())
            sizes.Of(node).Should().Be(Encoding.UTF8.GetByteCount(node.ToString()), "of {0}", node);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Nodes_LieInsideTheirParents() => Prop.ForAll<int>(seed =>
    {
        var text = new ExpressionGenerator(seed).Vector(4);
        foreach (var node in Parser.ParseExpression(text, ExpressionGenerator.AllOptions).DescendantsAndSelf())
        {
            node.Position.Start.Should().BeLessThan(node.Position.End);
            node.Position.End.Should().BeLessThanOrEqualTo(Encoding.UTF8.GetByteCount(text));
            foreach (var child in node.Children)
                child.Position.Start.Should().BeGreaterThanOrEqualTo(node.Position.Start, "in {0}", text);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void AnyBytes_ParseOrFailCleanly() => Prop.ForAll<byte[]>(AssertClean)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void AnyMixOfTokens_ParsesOrFailsCleanly() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var fragments = Fragments.Split(' ');
        var text = new StringBuilder();
        for (var i = random.Next(12); i >= 0; i--)
            text.Append(fragments[random.Next(fragments.Length)]).Append(' ', random.Next(2));
        AssertClean(Encoding.UTF8.GetBytes(text.ToString()));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void EveryPrefix_ParsesOrFailsCleanly() => Prop.ForAll<int>(seed =>
    {
        var text = Encoding.UTF8.GetBytes(new ExpressionGenerator(seed).Vector(3));
        for (var size = 0; size <= text.Length; size++) AssertClean(text[..size]);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    private static void AssertClean(byte[] text)
    {
        AssertClean(() => Parser.ParseExpression(text, ExpressionGenerator.AllOptions), text);
        var decoded = Encoding.UTF8.GetString(text);
        AssertClean(() => Parser.ParseMetricSelector(decoded), Encoding.UTF8.GetBytes(decoded));
        AssertClean(() => Parser.ParseSeriesDescription(decoded), Encoding.UTF8.GetBytes(decoded));
    }

    private static void AssertClean(Action parse, byte[] text)
    {
        try
        {
            parse();
        }
        catch (ParseException e)
        {
            e.Errors.Should().NotBeEmpty();
            e.Message.Should().Contain("parse error: ");
            foreach (var error in e.Errors)
            {
                error.Position.Start.Should().BeInRange(0, text.Length);
                error.Position.End.Should().BeInRange(0, text.Length);
            }
        }
    }
}
