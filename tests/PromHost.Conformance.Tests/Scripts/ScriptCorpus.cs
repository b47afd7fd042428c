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
            var id = command.Line.ToString(System.Globalization.CultureInfo.InvariantCulture);
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

    /// <summary>The number of evals in a script.</summary>
    public static int CountEvals(string script) =>
        ScriptParser.Parse(script).Count(static c => c is EvalCommand or InvalidCommand { IsEval: true });
}
