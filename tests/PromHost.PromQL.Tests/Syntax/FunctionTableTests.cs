namespace PromHost.PromQL.Tests;

public class FunctionTableTests
{
    [Fact]
    public void All_IsOrderedAndFound()
    {
        FunctionTable.All.Select(f => f.Name).Should().OnlyHaveUniqueItems()
            .And.BeInAscendingOrder(StringComparer.Ordinal);
        foreach (var function in FunctionTable.All) FunctionTable.Find(function.Name).Should().BeSameAs(function);
        FunctionTable.Find("RATE").Should().BeNull();
    }

    [Fact]
    public void Experimental_FunctionsNeedTheOption()
    {
        foreach (var function in FunctionTable.All)
        {
            var text = $"{function.Name}({string.Join(", ", function.ArgumentTypes.Select(Argument))})";
            var parse = FluentActions.Invoking(() => Parser.ParseExpression(text));
            if (function.IsExperimental) parse.Should().Throw<ParseException>().WithMessage("*is not enabled");
            else parse.Should().NotThrow();
            Parser.ParseExpression(text, ExpressionGenerator.AllOptions).Type.Should().Be(function.ReturnType);
        }
    }

    private static string Argument(ValueType type) => type switch
    {
        ValueType.Scalar => "1",
        ValueType.Matrix => "a[5m]",
        ValueType.String => "\"s\"",
        _ => "{x=\"1\"}",
    };
}
