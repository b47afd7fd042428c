using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary>Reads scripts of the PromQL test language into commands.</summary>
internal static class ScriptParser
{
    /// <summary>Reads a script; a command that is wrong becomes an <see cref="InvalidCommand"/>.</summary>
    public static IReadOnlyList<ScriptCommand> Parse(string script)
    {
        var commands = new List<ScriptCommand>();
        var lines = new ScriptLines(script);
        while (lines.TryReadCommand(out var line))
        {
            var number = lines.Number;
            var isEval = line.StartsWith("eval", StringComparison.OrdinalIgnoreCase);
            try
            {
                commands.Add(ParseCommand(line, lines, isEval));
            }
            catch (ScriptException e)
            {
                commands.Add(new InvalidCommand(number, isEval, e));
                while (lines.TryReadDetail(out _))
                {
                    // The rest of a wrong command means nothing.
                }
            }
        }

        return commands;
    }

    /// <summary>Reads a line of the series notation.</summary>
    /// <exception cref="ScriptException">It is none.</exception>
    public static SeriesDescription ParseSeries(string line)
    {
        try
        {
            return Parser.ParseSeriesDescription(line);
        }
        catch (ParseException e)
        {
            throw new ScriptException(ScriptFailure.InvalidScript, $"invalid series \"{line}\": {e.Message}", e);
        }
    }

    /// <summary>Reads a duration.</summary>
    /// <exception cref="ScriptException">It is none.</exception>
    public static long ParseDuration(string text) =>
        PrometheusDuration.TryParse(text, out var durationMs, out var error)
            ? durationMs
            : throw Invalid($"invalid timestamp or step definition \"{text}\": {error}");

    private static ScriptCommand ParseCommand(string line, ScriptLines lines, bool isEval)
    {
        if (isEval) return EvalParser.Parse(line, lines);
        var word = line.Split(' ', '\t')[0].ToLowerInvariant();
        if (string.Equals(word, "clear", StringComparison.Ordinal)) return new ClearCommand(lines.Number);
        if (word is "load" or "load_with_nhcb") return ParseLoad(line, lines);
        throw Invalid($"invalid command \"{line}\"");
    }

    private static LoadCommand ParseLoad(string line, ScriptLines lines)
    {
        var number = lines.Number;
        var parts = line.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length < 2) throw Invalid($"invalid load command \"{line}\"");
        var stepMs = ParseDuration(parts[1]);
        var series = new Dictionary<Labels, LoadedSeries>();
        (Labels Labels, IReadOnlyList<long?> OffsetsMs)? starts = null;
        while (lines.TryReadDetail(out var detail))
        {
            var words = detail.Split([' ', '\t'], 2);
            if (words.Length == 2 && words[0].EndsWith("@st", StringComparison.Ordinal))
            {
                if (starts is not null) throw Invalid("a line of start timestamps has no series after it");
                starts = (ParseSeries(words[0][..^3] + " _").Labels, StartTimestampSequence.Parse(words[1]));
                continue;
            }

            var description = ParseSeries(detail);
            if (starts is { } s && (s.Labels != description.Labels || s.OffsetsMs.Count != description.Values.Count))
                throw Invalid($"the start timestamps before \"{detail}\" do not fit it");
            series[description.Labels] =
                new LoadedSeries(description.Labels, description.Values, starts?.OffsetsMs ?? []);
            starts = null;
        }

        if (starts is not null) throw Invalid("a line of start timestamps has no series after it");
        return new LoadCommand(number, stepMs, parts[0].EndsWith("nhcb", StringComparison.Ordinal), [.. series.Values]);
    }

    private static ScriptException Invalid(string message) => new(ScriptFailure.InvalidScript, message);
}
