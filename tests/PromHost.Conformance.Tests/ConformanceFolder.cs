namespace PromHost.Conformance.Tests;

/// <summary>Where the conformance corpora lie, if they are on this machine.</summary>
internal static class ConformanceFolder
{
    /// <summary>The folder named by <c>PROMHOST_CONFORMANCE</c>, else the one beside the repository; or null.</summary>
    public static string? Root { get; } = FindRoot();

    /// <summary>The root of the repository that these tests were built from.</summary>
    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>The path of a file or folder of a corpus; skips the calling test when it is absent.</summary>
    /// <param name="relativePath">For example <c>promql-parse/series.json</c>.</param>
    public static string Require(string relativePath)
    {
        var path = Root is null ? null : Path.Combine(Root, relativePath);
        Assert.SkipUnless(
            path is not null && (File.Exists(path) || Directory.Exists(path)),
            $"no conformance data for {relativePath}: set PROMHOST_CONFORMANCE");
        return path!;
    }

    private static string? FindRoot()
    {
        var named = Environment.GetEnvironmentVariable("PROMHOST_CONFORMANCE");
        var path = string.IsNullOrEmpty(named)
            ? Path.GetFullPath(Path.Combine(FindRepositoryRoot(), "..", "shared", "conformance"))
            : named;
        return Directory.Exists(path) ? path : null;
    }

    private static string FindRepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PromHost.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("the tests do not run from inside the repository");
    }
}
