using System.CommandLine;

namespace PromHost.Server;

/// <summary><c>promhost query instant</c>: evaluates an expression at one time.</summary>
/// <param name="flags">Those of all queries.</param>
internal sealed class QueryInstantCommand(QueryFlags flags)
{
    private readonly Argument<string> _expression = new("expression") { Description = "What to evaluate, PromQL." };
    private readonly Option<string?> _time = QueryFlags.Time("--time", "When; without it, the server's present.");
    private readonly Option<bool> _isExplained = Explain();

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("instant", "Evaluate an expression at one time.")
        {
            _expression, _time, _isExplained,
        };
        flags.SetQuery(
            command,
            result => new ServerRequest("query", QueryFlags.Given(
                ("query", result.GetRequiredValue(_expression)), ("time", result.GetValue(_time)),
                ("explain", result.GetValue(_isExplained) ? "analyze" : null))),
            (result, writer, data) => Write(writer, data, result.GetValue(_isExplained)));
        return command;
    }

    /// <summary>The flag that asks for the plan instead of the result.</summary>
    internal static Option<bool> Explain() => new("--explain")
    {
        Description = "Write what the server did to answer instead of the answer: a table of the query's operators. " +
            "PromHost's servers only.",
    };

    /// <summary>Writes the result or the plan; false when the server sent none.</summary>
    internal static bool Write(AnswerWriter writer, System.Text.Json.JsonElement data, bool isExplained)
    {
        if (isExplained) return writer.TryWriteExplanation(data);
        writer.WriteResult(data);
        return true;
    }
}
