using System.Buffers;
using System.CommandLine;
using System.Text;
using PromHost.Api;
using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Server;

/// <summary>The commands <c>promhost promql …</c>: look at an expression without a server.</summary>
/// <param name="input">Where the expression is read from when it is not an argument.</param>
internal sealed class PromqlCommand(Stream input)
{
    private readonly Argument<string?> _expression = new("expression")
    {
        Description = "The expression; without it, it is read from the standard input.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _features = new("--enable-feature")
    {
        Description = "Experimental parts of the language, named as for the server, separated by commas; may be " +
            "repeated.",
        HelpName = "NAMES",
        DefaultValueFactory = _ => [],
        Recursive = true,
    };

    /// <summary>Builds the command with all that are below it.</summary>
    public Command Build()
    {
        _features.Validators.Add(result =>
        {
            foreach (var name in Features(result.GetValueOrDefault<string[]>() ?? []))
            {
                if (!FeatureNames.IsKnown(name)) result.AddError($"--enable-feature: there is no {GoText.Quote(name)}");
            }
        });
        var command = new Command("promql", "Look at an expression without a server.") { _features };
        var format = new Command("format", "Write an expression in normal form, on several lines if it is long.")
        {
            _expression,
        };
        format.SetTool((result, console, _) =>
            Run(result, console, expression => Prettifier.Prettify(expression)));
        var parse = new Command("parse", "Write the syntax tree of an expression, JSON as of /api/v1/parse_query.")
        {
            _expression,
        };
        parse.SetTool((result, console, _) => Run(result, console, expression =>
        {
            var json = new ArrayBufferWriter<byte>();
            ExpressionJson.Write(json, expression);
            return Encoding.UTF8.GetString(json.WrittenSpan);
        }));
        command.Add(format);
        command.Add(parse);
        return command;
    }

    private static IEnumerable<string> Features(string[] lists) =>
        lists.SelectMany(names => names.Split(
            ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private int Run(ParseResult result, ToolConsole console, Func<Expression, string> lay)
    {
        var features = Features(result.GetRequiredValue(_features)).ToHashSet(StringComparer.Ordinal);
        var options = new ParserOptions
        {
            ExperimentalFunctions = features.Contains(FeatureNames.ExperimentalFunctions),
            ExtendedRangeSelectors = features.Contains(FeatureNames.ExtendedRangeSelectors),
            BinopFillModifiers = features.Contains(FeatureNames.BinopFillModifiers),
        };
        try
        {
            var expression = result.GetValue(_expression) is { } text
                ? Parser.ParseExpression(text, options)
                : Parser.ParseExpression(ReadInput().AsSpan(), options);
            console.Output.Write(lay(expression) + "\n");
            return 0;
        }
        catch (ParseException error)
        {
            console.Error.WriteLine($"promhost: {error.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
    }

    private byte[] ReadInput()
    {
        using var bytes = new MemoryStream();
        input.CopyTo(bytes);
        return bytes.ToArray();
    }
}
