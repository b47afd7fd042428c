using System.CommandLine;
using System.Text.Json;
using PromHost.Api;
using PromHost.Model;

namespace PromHost.Server;

/// <summary>What all commands below <c>promhost query</c> have in common: whom to ask, how to write.</summary>
internal sealed class QueryFlags
{
    private readonly Option<string> _url = new("--url")
    {
        Description = "The server; its URL may have a path, a name and a password.",
        HelpName = "URL",
        DefaultValueFactory = _ => "http://localhost:9090",
        Recursive = true,
    };

    private readonly Option<string> _format = FlagKinds.Choice("--format", "promql", ["promql", "json", "table"],
        "promql: as promtool writes it; json: the result as the server sends it; table: a column for each label.");

    private readonly Option<string> _timeout = FlagKinds.Duration("--timeout", "2m",
        "How long the answer may take.");

    /// <summary>Adds the flags to the command that is above all others.</summary>
    public void AddTo(Command command)
    {
        _url.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>() ?? "";
            if (ServerUrl.Parse(text) is null) result.AddError($"--url: {GoText.Quote(text)} is not an HTTP URL");
        });
        _format.Aliases.Add("-o");
        _format.Recursive = true;
        _timeout.Recursive = true;
        command.Add(_url);
        command.Add(_format);
        command.Add(_timeout);
    }

    /// <summary>Makes a command ask a server.</summary>
    /// <param name="command">The command.</param>
    /// <param name="makeRequest">What is asked.</param>
    /// <param name="write">Writes the answer; false when it does not hold what was asked for.</param>
    public void SetQuery(
        Command command, Func<ParseResult, ServerRequest> makeRequest,
        Func<ParseResult, AnswerWriter, JsonElement, bool> write) =>
        command.SetTool(async (result, console, cancellationToken) =>
        {
            // Checked by now.
            var url = ServerUrl.Parse(result.GetRequiredValue(_url))!;
            using var client = new ServerClient(url, FlagKinds.ParseDuration(result.GetRequiredValue(_timeout)));
            var answer = await client.AskAsync(makeRequest(result), cancellationToken);
            foreach (var remark in answer.Remarks)
                await console.Error.WriteLineAsync($"promhost: {remark.ReplaceLineEndings(" ")}");
            var format = Enum.Parse<AnswerFormat>(result.GetRequiredValue(_format), ignoreCase: true);
            if (TryWrite(() => write(result, new AnswerWriter(console.Output, format), answer.Data))) return 0;
            await console.Error.WriteLineAsync(
                $"promhost: {url.Authority}: the answer does not hold what was asked for");
            return 1;
        });

    /// <summary>A flag with a time, in all forms that the API takes.</summary>
    public static Option<string?> Time(string name, string description)
    {
        var option = new Option<string?>(name)
        {
            Description = description + " Seconds since the Unix epoch, or RFC 3339.",
            HelpName = "TIME",
        };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !RequestTime.TryParseTime(text, out _))
                result.AddError($"{name}: cannot parse {GoText.Quote(text)} to a valid timestamp");
        });
        return option;
    }

    /// <summary>The parameters that have a value.</summary>
    public static List<KeyValuePair<string, string>> Given(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var given = new List<KeyValuePair<string, string>>();
        foreach (var (name, value) in parameters)
        {
            if (value is not null) given.Add(KeyValuePair.Create(name, value));
        }

        return given;
    }

    // The answer may come from anything that speaks HTTP.
    private static bool TryWrite(Func<bool> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException
            or IndexOutOfRangeException)
        {
            return false;
        }
    }
}
