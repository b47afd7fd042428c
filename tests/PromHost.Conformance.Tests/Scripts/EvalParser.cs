using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary>Reads <c>eval</c> commands of scripts.</summary>
internal static class EvalParser
{
    private static readonly char[] s_blanks = [' ', '\t'];

    /// <summary>Reads a command.</summary>
    /// <param name="line">Its first line.</param>
    /// <param name="lines">Hands out the others.</param>
    /// <exception cref="ScriptException">It is wrong.</exception>
    public static EvalCommand Parse(string line, ScriptLines lines)
    {
        var command = ParseFirstLine(line, lines.Number);
        while (lines.TryReadDetail(out var detail))
        {
            if (!ParseDetail(command, detail)) break;
        }

        return command;
    }

    private static EvalCommand ParseFirstLine(string line, int number)
    {
        var words = line.Split(s_blanks, 3, StringSplitOptions.RemoveEmptyEntries);
        var modifier = words[0].Length > 5 ? words[0][5..] : "";
        if (words.Length < 3 || words[0].Length == 5 || modifier is not ("" or "fail" or "warn" or "info" or "ordered"))
            throw Invalid($"invalid evaluation command \"{line}\"");
        EvalCommand command;
        if (string.Equals(words[1], "instant", StringComparison.Ordinal))
        {
            var parts = words[2].Split(s_blanks, 3, StringSplitOptions.RemoveEmptyEntries);
            if (parts is not ["at", _, _]) throw Invalid($"invalid evaluation command \"{line}\"");
            var timeMs = ScriptParser.ParseDuration(parts[1]);
            command = new EvalCommand(number, parts[2].Trim(), IsRange: false, new TimeGrid(timeMs, timeMs, 0));
        }
        else
        {
            var parts = words[2].Split(s_blanks, 7, StringSplitOptions.RemoveEmptyEntries);
            if (!string.Equals(words[1], "range", StringComparison.Ordinal) || modifier is "ordered" ||
                parts is not ["from", _, "to", _, "step", _, _])
                throw Invalid($"invalid evaluation command \"{line}\"");
            command = new EvalCommand(number, parts[6].Trim(), IsRange: true, ParseGrid(parts[1], parts[3], parts[5]));
        }

        return command with
        {
            Modifier = modifier,
            Error = modifier is "fail" ? TextExpectation.Anything : null,
            IsOrdered = modifier is "ordered",
        };
    }

    private static TimeGrid ParseGrid(string from, string to, string step)
    {
        var grid = new TimeGrid(
            ScriptParser.ParseDuration(from), ScriptParser.ParseDuration(to), ScriptParser.ParseDuration(step));
        return grid.EndMs < grid.StartMs ? throw Invalid($"the end {to} is before the start {from}") : grid;
    }

    // False when the line ends the command.
    private static bool ParseDetail(EvalCommand command, string line)
    {
        if (command.Modifier is "fail" && TryCut(line, "expected_fail_message", out var text))
        {
            command.Error = TextExpectation.Exactly(text);
            return false;
        }

        if (command.Modifier is "fail" && TryCut(line, "expected_fail_regexp", out text))
        {
            command.Error = TextExpectation.Matching(text);
            return false;
        }

        if (TryCut(line, "expect range vector", out text))
        {
            ParseRangeVector(command, text);
            return true;
        }

        if (TryCut(line, "expect string", out text))
        {
            command.ExpectedString = Unquote(text);
            return true;
        }

        if (string.Equals(line.Split(' ')[0], "expect", StringComparison.Ordinal))
        {
            ParseExpect(command, line);
            return true;
        }

        if (GoNumber.TryParse(line, out var scalar))
        {
            command.ExpectedScalar = scalar;
            return false;
        }

        var series = ScriptParser.ParseSeries(line);
        if (!command.IsRange && command.RangeVector is null && series.Values.Count > 1)
            throw Invalid($"an instant evaluation has one value per series: \"{line}\"");
        command.Expected[series.Labels] = new ExpectedSeries(command.Expected.Count, series.Values);
        return true;
    }

    private static void ParseRangeVector(EvalCommand command, string text)
    {
        var parts = text.Split(s_blanks, StringSplitOptions.RemoveEmptyEntries);
        if (parts is not ["from", _, "to", _, "step", _]) throw Invalid($"invalid range vector definition \"{text}\"");
        command.RangeVector = ParseGrid(parts[1], parts[3], parts[5]);
    }

    private static void ParseExpect(EvalCommand command, string line)
    {
        var parts = line.Split(s_blanks, 3, StringSplitOptions.RemoveEmptyEntries);
        var kind = parts.Length > 1 ? parts[1] : "";
        var text = TextExpectation.Anything;
        if (parts.Length == 3)
        {
            if (TryCut(parts[2], "msg:", out var rest)) text = TextExpectation.Exactly(rest);
            else if (TryCut(parts[2], "regex:", out rest)) text = TextExpectation.Matching(rest);
            else throw Invalid($"invalid expect statement \"{line}\"");
            if (rest.Length == 0) throw Invalid($"invalid expect statement \"{line}\"");
        }

        switch (kind)
        {
            case "fail" when command.HasExpectFail: throw Invalid("multiple expect fail lines are not allowed");
            case "fail": (command.Error, command.HasExpectFail) = (text, true); break;
            case "warn": command.Warnings.Add(text); break;
            case "info": command.Infos.Add(text); break;
            case "no_warn": command.ForbidsWarnings = true; break;
            case "no_info": command.ForbidsInfos = true; break;
            case "ordered" when command.IsRange: throw Invalid("a range query is always ordered by labels");
            case "ordered": command.IsOrdered = true; break;
            default: throw Invalid($"invalid expect statement \"{line}\"");
        }

        if (command.ForbidsWarnings && command.Warnings.Count > 0) throw Invalid("warn and no_warn exclude each other");
        if (command.ForbidsInfos && command.Infos.Count > 0) throw Invalid("info and no_info exclude each other");
    }

    private static string Unquote(string text)
    {
        try
        {
            if (text.StartsWith('"') || text.StartsWith('`'))
                return ((StringLiteral)Parser.ParseExpression(text)).Value;
        }
        catch (Exception e) when (e is ParseException or InvalidCastException)
        {
            throw new ScriptException(ScriptFailure.InvalidScript, $"no string literal: {text}", e);
        }

        throw Invalid($"a quoted string literal is required instead of: {text}");
    }

    private static bool TryCut(string line, string prefix, out string rest)
    {
        var starts = line.StartsWith(prefix, StringComparison.Ordinal);
        rest = starts ? line[prefix.Length..].Trim() : "";
        return starts;
    }

    private static ScriptException Invalid(string message) => new(ScriptFailure.InvalidScript, message);
}
