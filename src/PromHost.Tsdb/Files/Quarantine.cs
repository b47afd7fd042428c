using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>Where damaged bytes are kept: <c>promhost/quarantine/</c>. Nothing in it is ever read or removed.</summary>
internal static class Quarantine
{
    /// <summary>The directory, below the data directory.</summary>
    public const string Path = "promhost/quarantine";

    /// <summary>A name in it that is not taken. Makes the directory.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">Where the bytes come from.</param>
    /// <param name="suffix">What to add to the name.</param>
    public static string NameFor(IDataDirectory directory, string path, string suffix = "")
    {
        directory.CreateDirectory(Path);
        var taken = directory.List(Path).ToHashSet(StringComparer.Ordinal);
        var name = path.Replace('/', '-') + suffix;
        var free = name;
        for (var i = 1; taken.Contains(free); i++)
            free = string.Create(CultureInfo.InvariantCulture, $"{name}.{i}");
        return $"{Path}/{free}";
    }
}
