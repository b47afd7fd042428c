using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PromHost.Interop.Tests;

/// <summary>
/// Compares PromHost's answers with those of a Prometheus 3.5, and where they differ asks the latter again, in other
/// words if need be, until the difference is explained. Counts how many queries each explanation excuses.
/// </summary>
/// <param name="theirs">The Prometheus.</param>
/// <param name="isAboutNames">Is a feature on by which the name of a metric, or its type, lasts longer?</param>
internal sealed partial class FuzzJudge(Uri theirs, bool isAboutNames = false)
{
    /// <summary>By what part of themselves numbers may differ.</summary>
    private const double Tolerance = 1e-9;

    private const int MaxTold = 60;
    private const string Chance = "3.5 answers otherwise when it is asked again";

    // 3.5 reads native histograms into memory that it read others into. What it holds, and so what it gets wrong, is
    // another matter once something else was asked.
    private const int MaxRepetitions = 8;
    private const string Between = "{__name__=~\"h|hg|hc|x|k\"}[20m]";

    private const string Steps = "3.5 mixes up series that have no point at a step: info (3.7, #17135; 3.8, #17199), " +
        "minus (3.9, #17708), label_replace and label_join (3.9, #17703)";

    private const string SameLabels = "vector cannot contain metrics with the same labelset";
    private const string Merged = "series that are equal once names are dropped become one at the end (3.9, #17678)";
    private const string Ambiguous = "info fails where two info series are equally new (3.7, #17135)";

    private readonly Dictionary<string, int> _explained = new(StringComparer.Ordinal);
    private readonly StringBuilder _unexplained = new();
    private FuzzExtrapolation _extrapolation = new([]);
    private int _excused;

    /// <summary>How many queries were judged.</summary>
    public int Queries { get; private set; }

    /// <summary>How many were answered with nothing.</summary>
    public int Empty { get; private set; }

    /// <summary>How many were answered with an error.</summary>
    public int Errors { get; private set; }

    /// <summary>How many have a difference that nothing explains.</summary>
    public int Unexplained { get; private set; }

    /// <summary>The first of them, with their differences.</summary>
    public string Differences => _unexplained.ToString();

    /// <summary>What was found, and what part of the queries each explanation excuses.</summary>
    public IEnumerable<string> Report()
    {
        yield return string.Create(CultureInfo.InvariantCulture,
            $"{Queries} queries, {100.0 * (Queries - Empty) / Queries:f1} % not empty, " +
            $"{100.0 * Errors / Queries:f1} % errors, {Unexplained} with an unexplained difference, " +
            $"{100.0 * _excused / Queries:f2} % with one that is explained:");
        foreach (var (name, count) in _explained.OrderByDescending(static pair => pair.Value))
            yield return string.Create(CultureInfo.InvariantCulture, $"  {100.0 * count / Queries,6:f2} %  {name}");
    }

    /// <summary>Answers are from now on about these series.</summary>
    public void Begin(IReadOnlyList<FuzzSeries> data) => _extrapolation = new FuzzExtrapolation(data);

    /// <summary>Judges two answers to a query.</summary>
    public async Task JudgeAsync(
        string name, IReadOnlyDictionary<string, string> form, FuzzedAnswer ours, FuzzedAnswer other)
    {
        Queries++;
        if (other.ErrorType.Length > 0) Errors++;
        else if (other.Labels.Count == 0) Empty++;
        var query = form["query"];
        var isOrdered = form.ContainsKey("time") && (query.StartsWith("sort", StringComparison.Ordinal) ||
            query.StartsWith("topk(", StringComparison.Ordinal) ||
            query.StartsWith("bottomk(", StringComparison.Ordinal));
        var differences = ours.Differences(other, isOrdered, Tolerance);
        if (differences.Count == 0) return;
        var excuses = new HashSet<string>(StringComparer.Ordinal);
        var unexplained = Unexcused(form, differences, excuses);
        if (unexplained.Count > 0 && await ExplainAsync(form, ours, unexplained, isOrdered, excuses)) unexplained = [];
        if (unexplained.Count > 0)
        {
            Tell(name, ours, other, unexplained);
            return;
        }

        _excused++;
        foreach (var excuse in excuses) _explained[excuse] = _explained.GetValueOrDefault(excuse) + 1;
    }

    private static List<FuzzDifference> Unexcused(
        IReadOnlyDictionary<string, string> form, List<FuzzDifference> differences, HashSet<string> excuses)
    {
        var kind = form.ContainsKey("step") ? "range" : "instant";
        var unexplained = new List<FuzzDifference>();
        foreach (var difference in differences)
        {
            if (ExplainedDifferences.Of(kind, form["query"], difference) is { } explanation) excuses.Add(explanation);
            else unexplained.Add(difference);
        }

        return unexplained;
    }

    private async Task<bool> ExplainAsync(
        IReadOnlyDictionary<string, string> form, FuzzedAnswer ours, List<FuzzDifference> unexplained, bool isOrdered,
        HashSet<string> excuses)
    {
        var isAnnotated = unexplained.Exists(static difference => difference.Aspect == FuzzAspect.Annotation);
        var isAnnotatedOnly = unexplained.TrueForAll(static difference => difference.Aspect == FuzzAspect.Annotation);
        var again = await FuzzClient.AskAsync(theirs, form);
        if (IsExplained(again, hasAnnotations: true, isPlaced: true)) return Excuse(Chance);
        if (!isAnnotatedOnly && _extrapolation.Correct(form["query"], again) && IsExplained(again))
            return Excuse(FuzzExtrapolation.Name);
        if (await IsAmbiguousAsync(ours)) return Excuse(Ambiguous);
        var isStepwise = form.ContainsKey("step");
        if (isStepwise && !isAnnotatedOnly && IsExplained(await FuzzClient.AskStepwiseAsync(theirs, form), isAnnotated))
            return Excuse(Steps);

        if (isStepwise && isAboutNames && unexplained[0].Theirs.EndsWith(SameLabels, StringComparison.Ordinal) &&
            await IsEqualWithoutNamesAsync(form, ours))
            return Excuse(Merged);

        foreach (var (name, query) in FuzzRephrasings.Of(form["query"], isAboutNames))
        {
            var other = new Dictionary<string, string>(form, StringComparer.Ordinal) { ["query"] = query };
            if (IsExplained(await FuzzClient.AskAsync(theirs, other), isAnnotated)) return Excuse(name);
            if (!isStepwise || !IsExplained(await FuzzClient.AskStepwiseAsync(theirs, other), isAnnotated)) continue;
            Excuse(Steps);
            return Excuse(name);
        }

        return await IsChanceAsync();

        async Task<bool> IsChanceAsync()
        {
            for (var i = 0; i < MaxRepetitions; i++)
            {
                await FuzzClient.AskAsync(theirs, Between, form.GetValueOrDefault("time") ?? form["end"]);
                var another = await FuzzClient.AskAsync(theirs, form);
                if (IsExplained(another, hasAnnotations: true, isPlaced: true)) return Excuse(Chance);
                if (isAnnotated || !_extrapolation.Correct(form["query"], another) || !IsExplained(another)) continue;
                Excuse(Chance);
                return Excuse(FuzzExtrapolation.Name);
            }

            return false;
        }

        // In other words, or for one step, warnings point to other places.
        bool IsExplained(FuzzedAnswer answer, bool hasAnnotations = false, bool isPlaced = false)
        {
            var differences = ours.Differences(answer, isOrdered, Tolerance, isPlaced);
            if (!hasAnnotations) differences.RemoveAll(static d => d.Aspect == FuzzAspect.Annotation);
            var more = new HashSet<string>(StringComparer.Ordinal);
            if (Unexcused(form, differences, more).Count > 0) return false;
            excuses.UnionWith(more);
            return true;
        }

        bool Excuse(string name)
        {
            excuses.Add(name);
            return true;
        }
    }

    // Step by step, a name is dropped or not at each step by itself.
    private async Task<bool> IsEqualWithoutNamesAsync(IReadOnlyDictionary<string, string> form, FuzzedAnswer ours)
    {
        var stepwise = await FuzzClient.AskStepwiseAsync(theirs, form);
        return stepwise.ErrorType.Length == 0 && ours.WithoutNames() is { } mine &&
            stepwise.WithoutNames() is { } other && mine.Differences(other, isOrdered: false, Tolerance).Count == 0;
    }

    // The error of info() names two series with a sample at the same time: are they there?
    private async Task<bool> IsAmbiguousAsync(FuzzedAnswer ours)
    {
        if (TwoInfoSeries().Match(ours.Error) is not { Success: true } match) return false;
        var time = long.Parse(match.Groups["time"].ValueSpan, CultureInfo.InvariantCulture) / 1000m;
        var text = time.ToString(CultureInfo.InvariantCulture);
        string[] selectors = [match.Groups["first"].Value, match.Groups["second"].Value];
        var query = string.Join(" or ", selectors.Select(selector => $"timestamp({selector}) == {text}"));
        var answer = await FuzzClient.AskAsync(theirs, query, text);
        return answer.Labels.Count == 2;
    }

    [GeneratedRegex(
        @"^found duplicate series for info metric: existing (?<first>\{.*\}) @ (?<time>\d+), " +
        @"new (?<second>\{.*\}) @ \k<time>$",
        RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TwoInfoSeries();

    private void Tell(string name, FuzzedAnswer ours, FuzzedAnswer other, List<FuzzDifference> unexplained)
    {
        Unexplained++;
        if (Unexplained > MaxTold) return;
        _unexplained.AppendLine(name);
        if (unexplained.Exists(static difference => difference.Aspect == FuzzAspect.Annotation))
        {
            _unexplained.AppendLine($"  ours   {string.Join(" | ", ours.Warnings.Concat(ours.Infos))}");
            _unexplained.AppendLine($"  theirs {string.Join(" | ", other.Warnings.Concat(other.Infos))}");
        }

        foreach (var difference in unexplained.Take(3)) _unexplained.Append("  ").AppendLine(difference.ToString());
    }
}
