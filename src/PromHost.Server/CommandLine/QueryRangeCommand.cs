using System.CommandLine;
using System.Globalization;
using PromHost.Api;

namespace PromHost.Server;

/// <summary><c>promhost query range</c>: evaluates an expression at many times.</summary>
/// <param name="flags">Those of all queries.</param>
/// <param name="time">The clock that says when a range without an end ends.</param>
internal sealed class QueryRangeCommand(QueryFlags flags, TimeProvider? time = null)
{
    private const double DefaultRangeSeconds = 300;
    private const double DefaultSteps = 250;

    private readonly Argument<string> _expression = new("expression") { Description = "What to evaluate, PromQL." };

    private readonly Option<string?> _start = QueryFlags.Time(
        "--start", "The first time; without it, five minutes before the end.");

    private readonly Option<string?> _end = QueryFlags.Time("--end", "The last time; without it, now.");

    private readonly Option<string?> _step = new("--step")
    {
        Description = "How far the times are apart: seconds or a duration such as 1m30s; without it, a 250th of the " +
            "range in whole seconds.",
        HelpName = "DURATION",
    };

    private readonly Option<bool> _isExplained = QueryInstantCommand.Explain();
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        _step.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is not { } text) return;
            if (!RequestTime.TryParseDuration(text, out var nanoseconds, out var error))
                result.AddError($"--step: {error}");
            else if (nanoseconds <= 0) result.AddError("--step: must be greater than 0");
        });
        var command = new Command("range", "Evaluate an expression at many times.")
        {
            _expression, _start, _end, _step, _isExplained,
        };
        flags.SetQuery(
            command,
            MakeRequest,
            (result, writer, data) => QueryInstantCommand.Write(writer, data, result.GetValue(_isExplained)));
        return command;
    }

    private ServerRequest MakeRequest(ParseResult result)
    {
        var end = result.GetValue(_end) ?? Text(_time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        var start = result.GetValue(_start) ?? Text(Seconds(end) - DefaultRangeSeconds);
        var step = result.GetValue(_step) ??
            Text(Math.Max(1, Math.Floor((Seconds(end) - Seconds(start)) / DefaultSteps)));
        return new ServerRequest("query_range", QueryFlags.Given(
            ("query", result.GetRequiredValue(_expression)), ("start", start), ("end", end), ("step", step),
            ("explain", result.GetValue(_isExplained) ? "analyze" : null)));
    }

    private static double Seconds(string text) =>
        RequestTime.TryParseTime(text, out var timestampMs) ? timestampMs / 1000.0 : 0;

    private static string Text(double seconds) => seconds.ToString("0.###", CultureInfo.InvariantCulture);
}
