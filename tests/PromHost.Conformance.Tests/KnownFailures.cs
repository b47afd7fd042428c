namespace PromHost.Conformance.Tests;

/// <summary>
/// The checked-in list of conformance cases that do not pass yet: <c>known-failures.txt</c>, one
/// <c>file:line-or-case-id</c> a line; empty lines and lines that begin with <c>#</c> do not count.
/// </summary>
internal sealed class KnownFailures
{
    private readonly HashSet<string> _cases;

    private KnownFailures(IEnumerable<string> cases) => _cases = new HashSet<string>(cases, StringComparer.Ordinal);

    /// <summary>Reads the list of this project.</summary>
    public static KnownFailures Load() => new(
        File.ReadLines(Path.Combine(
                ConformanceFolder.RepositoryRoot, "tests", "PromHost.Conformance.Tests", "known-failures.txt"))
            .Select(static line => line.Trim())
            .Where(static line => line.Length > 0 && line[0] != '#'));

    /// <summary>Is the case on the list?</summary>
    /// <param name="file">The file as the list writes it, for example <c>promql-parse/series.json</c>.</param>
    /// <param name="id">A line number or a case id.</param>
    public bool Contains(string file, string id) => _cases.Contains(file + ":" + id);

    /// <summary>The line numbers or case ids that are listed for a file.</summary>
    public IReadOnlyList<string> Of(string file) =>
    [
        .. _cases.Where(c => c.StartsWith(file + ":", StringComparison.Ordinal)).Select(c => c[(file.Length + 1)..]),
    ];
}
