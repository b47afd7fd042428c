namespace PromHost.Tsdb;

/// <summary>
/// The data directory as the storage engine sees it: the one way to the disk, so that tests can break it. Paths are
/// relative to the root, parts separated by <c>/</c>. Thread-safe.
/// </summary>
/// <remarks>
/// Errors: <see cref="DiskFullException"/> where space or quota is used up, <see cref="FileNotFoundException"/> and
/// <see cref="DirectoryNotFoundException"/> for what is not there, <see cref="IOException"/> for the rest.
/// </remarks>
internal interface IDataDirectory
{
    /// <summary>The absolute path of the root.</summary>
    string RootPath { get; }

    /// <summary>Free and total bytes of the file system, as an ordinary user may use them.</summary>
    (long FreeBytes, long TotalBytes) Space { get; }

    /// <summary>Is there a file of this path?</summary>
    bool FileExists(string path);

    /// <summary>The names (not paths) in a directory, unsorted; none when the directory is missing.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>
    /// Creates a directory and those above it, so that they survive a power cut; nothing happens when it exists.
    /// </summary>
    void CreateDirectory(string path);

    /// <summary>Opens an existing file for reading.</summary>
    IDataFile OpenRead(string path);

    /// <summary>Opens an existing file for reading and writing.</summary>
    IDataFile OpenWrite(string path);

    /// <summary>Creates a file for reading and writing; an <see cref="IOException"/> when it exists.</summary>
    IDataFile Create(string path);

    /// <summary>
    /// Maps a file for reading. The mapping outlives renaming and deleting of the file, and must outlive every reader
    /// of its bytes. The file must not be made shorter meanwhile: reading past its end ends the process.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="lengthBytes">How much to map, from the start; 1 to the file's length.</param>
    MappedFile Map(string path, long lengthBytes);

    /// <summary>Renames a file or directory; an existing file of the new name is replaced in one step.</summary>
    void Rename(string from, string to);

    /// <summary>Gives a file a second name (a hard link; a copy where the file system has none).</summary>
    void Link(string existing, string added);

    /// <summary>Deletes a file or a directory with all below it; nothing happens when it is missing.</summary>
    void Delete(string path);

    /// <summary>Makes creations, renames and deletions in a directory survive a power cut.</summary>
    void SyncDirectory(string path);
}
