using System.Text;

namespace PromHost.Conformance.Tests;

/// <summary>
/// Collects the outcomes of the cases of one file and holds them against the known failures: a listed case that
/// passes, an unlisted one that fails, and a listed one that does not exist all fail the test.
/// </summary>
internal sealed class ConformanceReport(string file)
{
    private const int ShownCases = 40;

    private readonly Dictionary<string, (string? Failure, string Reason)> _cases = new(StringComparer.Ordinal);

    /// <summary>Notes the outcome of a case.</summary>
    /// <param name="id">The line number or case id.</param>
    /// <param name="failure">What is wrong, or null when the case passed.</param>
    /// <param name="reason">Why it may fail for now, as the list says it; empty when nothing says so.</param>
    public void Add(string id, string? failure, string reason = "")
    {
        if (!_cases.TryGetValue(id, out var earlier) || earlier.Failure is null) _cases[id] = (failure, reason);
    }

    /// <summary>Runs a case; an exception is a failure.</summary>
    /// <param name="id">The line number or case id.</param>
    /// <param name="check">Returns what is wrong, or null.</param>
    public void Run(string id, Func<string?> check)
    {
        string? failure;
        try
        {
            failure = check();
        }
        catch (Exception e)
        {
            failure = e.ToString();
        }

        Add(id, failure);
    }

    /// <summary>
    /// Prints passed and failed, and fails the test when they are not as the list says; or writes the list.
    /// </summary>
    public void AssertAsListed(ITestOutputHelper? output)
    {
        var failed = _cases.Where(static c => c.Value.Failure is not null).ToArray();
        output?.WriteLine($"{file}: {_cases.Count - failed.Length} passed, {failed.Length} failed");
        if (KnownFailures.IsUpdating)
        {
            KnownFailures.Replace(file, failed.Select(static c => (c.Key, c.Value.Reason)));
            foreach (var (id, (failure, reason)) in failed) output?.WriteLine($"{file}:{id} [{reason}] {failure}");
            return;
        }

        var wrong = FindDifferences(KnownFailures.Load());
        if (wrong.Count == 0) return;
        var text = new StringBuilder().Append(wrong.Count).Append(" cases are not as known-failures.txt says\n");
        foreach (var line in wrong.Take(ShownCases)) text.Append(line).Append('\n');
        Assert.Fail(text.ToString());
    }

    private List<string> FindDifferences(KnownFailures known)
    {
        var wrong = new List<string>();
        foreach (var (id, (failure, reason)) in _cases)
        {
            var isListed = known.Reasons.TryGetValue(file + ":" + id, out var listed);
            if (failure is null && isListed) wrong.Add($"{file}:{id} passes but is a known failure");
            if (failure is not null && !isListed) wrong.Add($"{file}:{id} {failure}");
            if (failure is not null && isListed && !string.Equals(reason, listed, StringComparison.Ordinal))
                wrong.Add($"{file}:{id} is listed for \"{listed}\" but fails for \"{reason}\"");
        }

        wrong.AddRange(known.Of(file).Where(id => !_cases.ContainsKey(id))
            .Select(id => $"{file}:{id} is a known failure but there is no such case"));
        return wrong;
    }
}
