using System.Text;

namespace PromHost.Conformance.Tests;

/// <summary>
/// Collects the outcomes of the cases of one file and holds them against the known failures: a listed case that
/// passes, an unlisted one that fails, and a listed one that does not exist all fail the test.
/// </summary>
internal sealed class ConformanceReport(string file)
{
    private const int ShownCases = 40;

    private readonly Dictionary<string, string?> _failures = new(StringComparer.Ordinal);

    /// <summary>Notes the outcome of a case.</summary>
    /// <param name="id">The line number or case id.</param>
    /// <param name="failure">What is wrong, or null when the case passed.</param>
    public void Add(string id, string? failure)
    {
        if (!_failures.TryGetValue(id, out var earlier) || earlier is null) _failures[id] = failure;
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

    /// <summary>Prints passed and failed, and fails the test when they are not as the list says.</summary>
    public void AssertAsListed(ITestOutputHelper? output)
    {
        var known = KnownFailures.Load();
        var failed = _failures.Count(static f => f.Value is not null);
        output?.WriteLine($"{file}: {_failures.Count - failed} passed, {failed} failed");
        var wrong = new List<string>();
        foreach (var (id, failure) in _failures)
        {
            if (failure is null && known.Contains(file, id)) wrong.Add($"{file}:{id} passes but is a known failure");
            if (failure is not null && !known.Contains(file, id)) wrong.Add($"{file}:{id} {failure}");
        }

        wrong.AddRange(known.Of(file).Where(id => !_failures.ContainsKey(id))
            .Select(id => $"{file}:{id} is a known failure but there is no such case"));
        if (wrong.Count == 0) return;
        var text = new StringBuilder().Append(wrong.Count).Append(" cases are not as known-failures.txt says\n");
        foreach (var line in wrong.Take(ShownCases)) text.Append(line).Append('\n');
        Assert.Fail(text.ToString());
    }
}
