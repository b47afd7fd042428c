using System.CommandLine;

namespace PromHost.Server;

/// <summary>The commands <c>promhost query …</c>: ask a running server.</summary>
internal sealed class QueryCommand
{
    private readonly QueryFlags _flags = new();

    private readonly Option<string?> _start = QueryFlags.Time("--start", "From when on.");
    private readonly Option<string?> _end = QueryFlags.Time("--end", "Until when.");

    private readonly Argument<string?> _label = new("name")
    {
        Description = "The label whose values are wanted; without it, the names of all labels.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Builds the command with all that are below it.</summary>
    public Command Build()
    {
        var command = new Command("query", "Ask a running server.");
        _flags.AddTo(command);
        command.Add(new QueryInstantCommand(_flags).Build());
        command.Add(new QueryRangeCommand(_flags).Build());
        command.Add(BuildSeries());
        command.Add(BuildLabels());
        return command;
    }

    private static Option<string[]> Match(bool isRequired) => new("--match")
    {
        Description = "Which series; may be repeated.",
        HelpName = "SELECTOR",
        Required = isRequired,
    };

    private Command BuildSeries()
    {
        var match = Match(isRequired: true);
        var series = new Command("series", "List the series that have samples.") { match, _start, _end };
        _flags.SetQuery(
            series,
            result => new ServerRequest("series", Selection(result, result.GetRequiredValue(match))),
            (_, writer, data) =>
            {
                writer.WriteSeries(data);
                return true;
            });
        return series;
    }

    private Command BuildLabels()
    {
        var match = Match(isRequired: false);
        var labels = new Command("labels", "List the values of a label, or the names of all labels.")
        {
            _label, match, _start, _end,
        };
        _flags.SetQuery(
            labels,
            result =>
            {
                var parameters = Selection(result, result.GetValue(match) ?? []);
                return result.GetValue(_label) is { } name
                    ? new ServerRequest($"label/{Uri.EscapeDataString(name)}/values", parameters, IsGet: true)
                    : new ServerRequest("labels", parameters);
            },
            (result, writer, data) =>
            {
                writer.WriteLabels(data, result.GetValue(_label) ?? "label");
                return true;
            });
        return labels;
    }

    private List<KeyValuePair<string, string>> Selection(ParseResult result, string[] selectors) =>
    [
        .. selectors.Select(selector => KeyValuePair.Create("match[]", selector)),
        .. QueryFlags.Given(("start", result.GetValue(_start)), ("end", result.GetValue(_end))),
    ];
}
