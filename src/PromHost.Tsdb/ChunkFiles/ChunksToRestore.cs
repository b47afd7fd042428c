using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>
/// Files of chunks that were put aside, or the ends of which were, and that a start has still to search for samples
/// that are nowhere else (<see cref="Restoration"/>). They have a second name below <c>promhost/restore/</c> until that
/// is done, so that a start that is killed meanwhile leaves it to the next one.
/// </summary>
internal static class ChunksToRestore
{
    /// <summary>The directory, below the data directory.</summary>
    public const string Folder = Parent + "/restore";

    private const string Parent = "promhost";

    // Before the place from which on the file is to be searched.
    private const char Separator = '@';

    /// <summary>Notes a file that is about to be put aside. Survives a power cut when this returns.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">The file.</param>
    /// <param name="target">Its name in quarantine.</param>
    /// <param name="startBytes">Where the damage begins.</param>
    public static void Note(IDataDirectory directory, string path, string target, long startBytes)
    {
        directory.CreateDirectory(Folder);
        var name = target[(Quarantine.Path.Length + 1)..];
        var link = string.Create(CultureInfo.InvariantCulture, $"{Folder}/{name}{Separator}{startBytes}");
        // A start that was killed right here has noted it before.
        directory.Delete(link);
        directory.Link(path, link);
        directory.SyncDirectory(Folder);
    }

    /// <summary>The files, and from where on they are to be searched.</summary>
    public static IReadOnlyList<(string Path, int StartBytes)> List(IDataDirectory directory) =>
        [.. directory.List(Folder).Order(StringComparer.Ordinal).Select(name => ($"{Folder}/{name}", StartOf(name)))];

    /// <summary>Forgets them: what they had is in the log.</summary>
    public static void Remove(IDataDirectory directory)
    {
        directory.Delete(Folder);
        directory.SyncDirectory(Parent);
    }

    private static int StartOf(string name)
    {
        var start = name.AsSpan(name.LastIndexOf(Separator) + 1);
        return int.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;
    }
}
