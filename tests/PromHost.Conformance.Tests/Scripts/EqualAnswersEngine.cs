using System.Globalization;
using System.Text;
using PromHost.PromQL;
using PromHost.Storage;

namespace PromHost.Conformance.Tests;

/// <summary>Evaluates every query with several numbers of workers and demands the same bits of all.</summary>
/// <param name="maxSamples">How many samples a query may hold.</param>
internal sealed class EqualAnswersEngine(int maxSamples = 10_000) : IScriptEngine, IDisposable
{
    private readonly ScriptEngine[] _engines =
        [new(1, maxSamples), new(2, maxSamples), new(3, maxSamples), new(7, maxSamples)];

    public QueryAnswer EvaluateInstant(IQuerySource storage, string query, long timeMs) =>
        Compare(engine => engine.EvaluateInstant(storage, query, timeMs));

    public QueryAnswer EvaluateRange(IQuerySource storage, string query, TimeGrid grid) =>
        Compare(engine => engine.EvaluateRange(storage, query, grid));

    public void Dispose()
    {
        foreach (var engine in _engines) engine.Dispose();
    }

    private QueryAnswer Compare(Func<ScriptEngine, QueryAnswer> evaluate)
    {
        var outcomes = Array.ConvertAll(_engines, engine => Evaluate(engine, evaluate));
        foreach (var outcome in outcomes)
        {
            if (string.Equals(outcome.Text, outcomes[0].Text, StringComparison.Ordinal)) continue;
            throw new ScriptException(ScriptFailure.OtherValue,
                $"the answer depends on the number of workers: {outcomes[0].Text} or {outcome.Text}");
        }

        return outcomes[0].Answer ?? throw outcomes[0].Error!;
    }

    private static (string Text, QueryAnswer? Answer, QueryException? Error) Evaluate(
        ScriptEngine engine, Func<ScriptEngine, QueryAnswer> evaluate)
    {
        try
        {
            var answer = evaluate(engine);
            return (Describe(answer), answer, null);
        }
        catch (QueryException e)
        {
            // Which of several errors comes first is not defined; that there is one is.
            return ("error", null, e);
        }
    }

    private static string Describe(QueryAnswer answer)
    {
        var text = new StringBuilder();
        text.Append(answer.Text).Append('|').Append(answer.Scalar is { } scalar ? Bits(scalar) : "").Append('|');
        foreach (var series in answer.Series)
        {
            text.Append(series.Labels.ToString());
            foreach (var point in series.Points)
            {
                text.Append(' ').Append(point.TimestampMs).Append(':');
                text.Append(point.Histogram is null ? Bits(point.Value) : $"{HistogramBuckets.Of(point.Histogram)}");
            }
        }

        return text.AppendJoin('|', answer.Warnings.Concat(answer.Infos).Order(StringComparer.Ordinal)).ToString();
    }

    private static string Bits(double value) =>
        BitConverter.DoubleToInt64Bits(value).ToString("x", CultureInfo.InvariantCulture);
}
