using System.Globalization;

namespace PromHost.Conformance.Tests;

/// <summary>
/// The checked-in list of conformance cases that do not pass yet: <c>known-failures.txt</c>, one
/// <c>file:line-or-case-id reason</c> a line; empty lines and lines that begin with <c>#</c> do not count.
/// <c>PROMHOST_CONFORMANCE_UPDATE=1</c> lets the tests write it anew.
/// </summary>
internal sealed class KnownFailures
{
    private static readonly Lock s_writing = new();

    private readonly Dictionary<string, string> _reasons;

    private KnownFailures(Dictionary<string, string> reasons) => _reasons = reasons;

    /// <summary>Do the tests write the list instead of holding outcomes against it?</summary>
    public static bool IsUpdating { get; } = string.Equals(
        Environment.GetEnvironmentVariable("PROMHOST_CONFORMANCE_UPDATE"), "1", StringComparison.Ordinal);

    private static string ListPath => Path.Combine(
        ConformanceFolder.RepositoryRoot, "tests", "PromHost.Conformance.Tests", "known-failures.txt");

    /// <summary>All cases as the list writes them, <c>file:id</c>, and their reasons.</summary>
    public IReadOnlyDictionary<string, string> Reasons => _reasons;

    /// <summary>Reads the list of this project.</summary>
    public static KnownFailures Load() => new(
        File.ReadLines(ListPath)
            .Select(static line => line.Trim())
            .Where(static line => line.Length > 0 && line[0] != '#')
            .Select(static line => line.Split(' ', 2, StringSplitOptions.TrimEntries))
            .ToDictionary(static p => p[0], static p => p.Length > 1 ? p[1] : "", StringComparer.Ordinal));

    /// <summary>Replaces what the list says of one file.</summary>
    /// <param name="file">The file as the list writes it.</param>
    /// <param name="failures">The ids that fail, and why.</param>
    public static void Replace(string file, IEnumerable<(string Id, string Reason)> failures)
    {
        lock (s_writing)
        {
            var lines = File.ReadAllLines(ListPath);
            var cases = lines.Where(line => line.Length > 0 && line[0] != '#' && !IsOf(file, line))
                .Concat(failures.Select(f => $"{file}:{f.Id} {f.Reason}".TrimEnd()))
                .OrderBy(static line => line.Split(':')[0], StringComparer.Ordinal)
                .ThenBy(static line => Number(line)).ThenBy(static line => line, StringComparer.Ordinal);
            File.WriteAllLines(ListPath, [.. lines.Where(static line => line.StartsWith('#')), .. cases]);
        }
    }

    /// <summary>Is the case on the list?</summary>
    /// <param name="file">The file as the list writes it, for example <c>promql-parse/series.json</c>.</param>
    /// <param name="id">A line number or a case id.</param>
    public bool Contains(string file, string id) => _reasons.ContainsKey(file + ":" + id);

    /// <summary>The line numbers or case ids that are listed for a file.</summary>
    public IReadOnlyList<string> Of(string file) =>
        [.. _reasons.Keys.Where(c => IsOf(file, c)).Select(c => c[(file.Length + 1)..])];

    private static bool IsOf(string file, string line) => line.StartsWith(file + ":", StringComparison.Ordinal);

    private static int Number(string line) =>
        int.TryParse(line.Split(':', ' ')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : int.MaxValue;
}
