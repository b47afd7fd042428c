using PromHost.Model;
using PromHost.PromQL;

namespace PromHost.Conformance.Tests;

/// <summary>Holds the answer to a query against what an eval expects.</summary>
internal static class AnswerComparison
{
    /// <summary>Compares the annotations.</summary>
    /// <exception cref="ScriptException">They are not as expected.</exception>
    public static void CheckAnnotations(EvalCommand command, QueryAnswer answer)
    {
        if (command.Modifier is "warn" && answer.Warnings.Count == 0)
            throw new ScriptException(ScriptFailure.MissingAnnotation, "expected warnings but got none");
        if (command.Modifier is "info" && answer.Infos.Count == 0)
            throw new ScriptException(ScriptFailure.MissingAnnotation, "expected infos but got none");
        CheckAnnotations("warnings", command.Warnings, command.ForbidsWarnings, answer.Warnings);
        CheckAnnotations("infos", command.Infos, command.ForbidsInfos, answer.Infos);
    }

    /// <summary>Compares the result.</summary>
    /// <exception cref="ScriptException">It is not as expected.</exception>
    public static void CheckResult(EvalCommand command, QueryAnswer answer, bool checksOrder = true)
    {
        if (answer.Text is { } text)
        {
            if (command.ExpectedString is null || command.Expected.Count > 0 || command.ExpectedScalar is not null)
                throw new ScriptException(ScriptFailure.OtherType, $"the result is a string: \"{text}\"");
            if (!string.Equals(text, command.ExpectedString, StringComparison.Ordinal))
                throw Other($"expected string \"{command.ExpectedString}\" but got \"{text}\"");
        }
        else if (command.ExpectedString is not null)
        {
            throw new ScriptException(ScriptFailure.OtherType, "expected a string");
        }
        else if (answer.Scalar is { } scalar)
        {
            if (command.ExpectedScalar is not { } expected)
                throw new ScriptException(ScriptFailure.OtherType, "expected vector or matrix but got a scalar");
            if (!AlmostEqual.Are(expected, scalar)) throw Other($"expected scalar {expected:R} but got {scalar:R}");
        }
        else
        {
            CheckSeries(command, answer, checksOrder);
        }
    }

    private static void CheckAnnotations(
        string kind, List<TextExpectation> expected, bool forbids, IReadOnlyList<string> actual)
    {
        var found = $"found {kind}: [{string.Join(" | ", actual)}]";
        if (forbids && actual.Count > 0)
            throw new ScriptException(ScriptFailure.ExtraAnnotation, $"expected no {kind}, {found}");
        if (expected.Count == 0) return;
        if (actual.Count == 0)
            throw new ScriptException(ScriptFailure.MissingAnnotation, $"expected {kind} but got none");
        if (expected.Find(e => !actual.Any(e.IsMet)) is { } missing)
            throw new ScriptException(ScriptFailure.MissingAnnotation, $"expected {missing}, {found}");
        if (actual.FirstOrDefault(a => !expected.Exists(e => e.IsMet(a))) is { } extra)
            throw new ScriptException(ScriptFailure.ExtraAnnotation, $"unexpected \"{extra}\", {found}");
    }

    private static void CheckSeries(EvalCommand command, QueryAnswer answer, bool checksOrder)
    {
        if (command.ExpectedScalar is not null)
            throw new ScriptException(ScriptFailure.OtherType, $"expected a scalar, got {answer.Series.Count} series");
        if (answer.IsMatrix)
        {
            if (command.IsOrdered) throw new ScriptException(ScriptFailure.OtherType, "expected order, got a matrix");
            CheckSorted(answer);
        }

        var grid = command.RangeVector ?? command.Grid;
        var seen = new HashSet<Labels>();
        foreach (var (position, series) in answer.Series.Index())
        {
            if (!command.Expected.TryGetValue(series.Labels, out var expected))
                throw new ScriptException(ScriptFailure.ExtraSeries, $"unexpected series {Describe(series)}");
            if (!seen.Add(series.Labels))
                throw new ScriptException(ScriptFailure.ExtraSeries, $"series {series.Labels} is there twice");
            if (checksOrder && command.IsOrdered && expected.Position != position)
                throw new ScriptException(ScriptFailure.OtherOrder,
                    $"expected {series.Labels} at position {expected.Position + 1} but it is at {position + 1}");
            if (answer.IsMatrix) CheckPoints(series, expected, grid);
            else CheckValue(series, expected.Values, series.Points[0], 0);
        }

        var missing = command.Expected.Keys.Where(labels => !seen.Contains(labels)).ToArray();
        if (missing.Length > 0)
            throw new ScriptException(ScriptFailure.MissingSeries, $"expected series {missing[0]} not found");
    }

    /// <summary>Checks that the series of a matrix come in the order of their labels.</summary>
    /// <exception cref="ScriptException">They do not.</exception>
    public static void CheckSorted(QueryAnswer answer)
    {
        for (var i = 1; i < answer.Series.Count; i++)
        {
            if (answer.Series[i - 1].Labels.CompareTo(answer.Series[i].Labels) > 0)
                throw new ScriptException(ScriptFailure.OtherOrder, $"{answer.Series[i].Labels} comes too late");
        }
    }

    private static void CheckPoints(AnswerSeries series, ExpectedSeries expected, TimeGrid grid)
    {
        var points = new List<(long TimestampMs, SequenceValue Value)>();
        for (var i = 0; i < expected.Values.Count; i++)
        {
            var timestampMs = grid.StartMs + (i * grid.StepMs);
            if (timestampMs > grid.EndMs)
                throw new ScriptException(ScriptFailure.TooManyPointsExpected,
                    $"expected {expected.Values.Count} points for {series.Labels}, more than there can be");
            if (!expected.Values[i].IsOmitted) points.Add((timestampMs, expected.Values[i]));
        }

        var floats = series.Points.Where(static p => p.Histogram is null).ToArray();
        var histograms = series.Points.Where(static p => p.Histogram is not null).ToArray();
        var expectedFloats = points.Where(static p => p.Value.Histogram is null).ToArray();
        var expectedHistograms = points.Where(static p => p.Value.Histogram is not null).ToArray();
        if (floats.Length != expectedFloats.Length || histograms.Length != expectedHistograms.Length)
            throw new ScriptException(ScriptFailure.OtherPointCount,
                $"expected {expectedFloats.Length} floats and {expectedHistograms.Length} histograms, " +
                $"got {Describe(series)}");
        var pairs = floats.Zip(expectedFloats).Concat(histograms.Zip(expectedHistograms)).Index();
        foreach (var (i, (actual, (timestampMs, value))) in pairs)
        {
            if (actual.TimestampMs != timestampMs)
                throw new ScriptException(ScriptFailure.OtherTimestamp,
                    $"expected a point at {timestampMs} instead of {actual.TimestampMs} in {Describe(series)}");
            CheckValue(series, [value], actual, i);
        }
    }

    private static void CheckValue(
        AnswerSeries series, IReadOnlyList<SequenceValue> values, AnswerPoint actual, int index)
    {
        if (values.Count == 0)
            throw new ScriptException(ScriptFailure.InvalidScript, $"no value is given for {series.Labels}");
        var expected = values[0];
        if (expected.Histogram is null != actual.Histogram is null)
            throw new ScriptException(ScriptFailure.OtherSampleKind,
                $"expected a {(expected.Histogram is null ? "float" : "histogram")}, got {Describe(series)}");
        if (actual.Histogram is null)
        {
            if (!AlmostEqual.Are(expected.Value, actual.Value))
                throw Other($"expected {expected.Value:R} at {index} of {Describe(series)}");
            return;
        }

        var wanted = HistogramBuckets.Of(expected);
        if (!wanted.IsAlmost(HistogramBuckets.Of(actual.Histogram), expected.IsCounterResetHintSet))
            throw Other($"expected {wanted} at {index} of {Describe(series)}");
    }

    private static string Describe(AnswerSeries series) => series.Labels + " " + string.Join(' ', series.Points.Select(
        static p => p.Histogram is null ? $"{p.Value:R} @[{p.TimestampMs}]"
            : $"{HistogramBuckets.Of(p.Histogram)} @[{p.TimestampMs}]"));

    private static ScriptException Other(string message) => new(ScriptFailure.OtherValue, message);
}
