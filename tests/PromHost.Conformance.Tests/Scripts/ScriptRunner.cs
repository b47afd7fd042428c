using PromHost.PromQL;
using PromHost.Storage;

namespace PromHost.Conformance.Tests;

/// <summary>Runs the commands of a script one after the other.</summary>
/// <param name="engine">Evaluates the queries.</param>
internal sealed class ScriptRunner(IScriptEngine engine)
{
    private const long RangeModeStepMs = 60_000;

    private static readonly string[] s_contextCalls = ["start()", "end()", "range()", "step()"];

    /// <summary>What the script has loaded so far.</summary>
    public ScriptStorage Storage { get; } = new();

    /// <summary>What queries read, made from what is loaded; by default the loaded series themselves.</summary>
    public Func<ScriptStorage, IQuerySource> Source { get; init; } = static storage => storage;

    /// <summary>Runs a whole script.</summary>
    /// <exception cref="ScriptException">The first command that does not pass.</exception>
    public void Run(string script)
    {
        foreach (var command in ScriptParser.Parse(script)) Run(command);
    }

    /// <summary>Runs one command.</summary>
    /// <exception cref="ScriptException">It does not pass.</exception>
    public void Run(ScriptCommand command)
    {
        switch (command)
        {
            case ClearCommand: Storage.Clear(); break;
            case LoadCommand load: Storage.Load(load); break;
            case EvalCommand { IsRange: true } eval: RunRange(eval); break;
            case EvalCommand eval: RunInstant(eval); break;
            case InvalidCommand invalid: throw invalid.Error;
            default: throw new InvalidOperationException("unknown command");
        }
    }

    private void RunRange(EvalCommand eval)
    {
        var source = Source(Storage);
        var answer = Evaluate(eval, () => engine.EvaluateRange(source, eval.Query, eval.Grid));
        if (answer is not null) Check(eval, answer, "");
    }

    private void RunInstant(EvalCommand eval)
    {
        var timeMs = eval.RangeVector?.EndMs ?? eval.Grid.EndMs;
        RunInstant(eval, eval.Query, timeMs, "");
        if (Pin(eval.Query, timeMs) is not { } pinned) return;
        foreach (var otherMs in AtModifierVariant.Times(timeMs))
            RunInstant(eval, pinned, otherMs, $" (as {pinned} at {otherMs})");
    }

    private static string? Pin(string query, long timeMs)
    {
        try
        {
            return AtModifierVariant.Pin(Parser.ParseExpression(query, ScriptEngine.ParserOptions), timeMs);
        }
        catch (ParseException)
        {
            // The query itself has been found to fail, as expected.
            return null;
        }
    }

    private void RunInstant(EvalCommand eval, string query, long timeMs, string variant)
    {
        var source = Source(Storage);
        var answer = Evaluate(eval, () => engine.EvaluateInstant(source, query, timeMs), variant);
        if (answer is null) return;
        Check(eval, answer, variant);
        if (eval.RangeVector is not null || eval.ExpectedString is not null ||
            Array.Exists(s_contextCalls, call => query.Contains(call, StringComparison.Ordinal))) return;
        variant += " (in range mode)";
        var grid = new TimeGrid(timeMs - RangeModeStepMs, timeMs + RangeModeStepMs, RangeModeStepMs);
        var matrix = Evaluate(eval, () => engine.EvaluateRange(source, query, grid), variant);
        if (matrix is null || eval.IsOrdered) return;
        Check(eval, MiddleOf(matrix, timeMs, answer.Scalar is not null), variant, checksAnnotations: false);
    }

    private static QueryAnswer MiddleOf(QueryAnswer matrix, long timeMs, bool isScalar)
    {
        AnswerComparison.CheckSorted(matrix);
        var series = matrix.Series
            .Select(s => new AnswerSeries(s.Labels, [.. s.Points.Where(p => p.TimestampMs == timeMs)]))
            .Where(static s => s.Points.Count > 0).ToArray();
        var middle = matrix with { IsMatrix = false, Series = series };
        return isScalar && series.Length == 1
            ? middle with { Scalar = series[0].Points[0].Value }
            : middle;
    }

    // The annotations of the steps beside the middle one are not expected.
    private static void Check(EvalCommand eval, QueryAnswer answer, string variant, bool checksAnnotations = true)
    {
        try
        {
            if (checksAnnotations) AnswerComparison.CheckAnnotations(eval, answer);
            AnswerComparison.CheckResult(eval, answer);
        }
        catch (ScriptException e) when (variant.Length > 0)
        {
            throw new ScriptException(e.Failure, e.Message + variant, e);
        }
    }

    // Null when the query failed as it should.
    private static QueryAnswer? Evaluate(EvalCommand eval, Func<QueryAnswer> evaluate, string variant = "")
    {
        QueryAnswer answer;
        try
        {
            answer = evaluate();
        }
        catch (QueryException e)
        {
            if (eval.Error is null)
            {
                var cause = e.InnerException is null or ParseException ? "" : $" [{e.InnerException}]";
                throw new ScriptException(ScriptFailure.QueryFailed, e.Message + variant + cause, e);
            }

            return eval.Error.IsMet(e.Message) ? null : throw new ScriptException(
                ScriptFailure.OtherError, $"expected the error {eval.Error} but got: {e.Message}{variant}", e);
        }

        return eval.Error is null ? answer : throw new ScriptException(
            ScriptFailure.NoError, $"expected the error {eval.Error} but got none{variant}");
    }
}
