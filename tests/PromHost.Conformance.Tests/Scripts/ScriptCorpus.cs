using System.Globalization;

namespace PromHost.Conformance.Tests;

/// <summary>Runs the scripts of a folder against the list of known failures.</summary>
internal static class ScriptCorpus
{
    /// <summary>Runs one script; every eval is a case, keyed by its line.</summary>
    /// <param name="file">The file as the list of known failures writes it.</param>
    /// <param name="script">Its text.</param>
    /// <param name="runner">Runs the commands.</param>
    public static ConformanceReport Run(string file, string script, ScriptRunner runner)
    {
        var report = new ConformanceReport(file);
        foreach (var command in ScriptParser.Parse(script))
        {
            var id = command.Line.ToString(CultureInfo.InvariantCulture);
            try
            {
                runner.Run(command);
                if (command is EvalCommand) report.Add(id, null);
            }
            catch (ScriptException e)
            {
                var query = command is EvalCommand eval ? eval.Query : command.ToString();
                report.Add(id, $"{e.Failure}: {query}: {e.Message}", ExcuseFinder.Find(command, runner.Storage));
            }
        }

        return report;
    }

    /// <summary>Runs the evals over a real database; those known to fail are left out.</summary>
    /// <param name="file">The file as the list of known failures writes it.</param>
    /// <param name="script">Its text.</param>
    /// <returns>What fails.</returns>
    public static IReadOnlyList<string> RunOverDatabase(string file, string script)
    {
        using var engine = new ScriptEngine();
        using var mirror = new DatabaseMirror();
        var runner = new ScriptRunner(engine) { Source = mirror.Of };
        var known = KnownFailures.Load();
        return Fail(script, runner, command => command is EvalCommand &&
            known.Contains(file, command.Line.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Runs a script with several numbers of workers; only differences between them count.</summary>
    /// <param name="script">Its text.</param>
    /// <returns>What fails.</returns>
    public static IReadOnlyList<string> RunWithManyWorkers(string script)
    {
        using var engine = new EqualAnswersEngine();
        var failures = Fail(script, new ScriptRunner(engine), static _ => false);
        return [.. failures.Where(static f => f.Contains("number of workers", StringComparison.Ordinal))];
    }

    private static List<string> Fail(string script, ScriptRunner runner, Func<ScriptCommand, bool> isSkipped)
    {
        var failures = new List<string>();
        foreach (var command in ScriptParser.Parse(script))
        {
            if (isSkipped(command)) continue;
            try
            {
                runner.Run(command);
            }
            catch (ScriptException e)
            {
                failures.Add($"line {command.Line}: {e.Failure}: {e.Message}");
            }
        }

        return failures;
    }
}
