using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>Small files that are read and written as a whole.</summary>
internal static class AtomicFile
{
    private const string TemporarySuffix = ".tmp";

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="CorruptDataException">It is longer than <paramref name="maxBytes"/>.</exception>
    public static byte[] Read(IDataDirectory directory, string path, int maxBytes)
    {
        using var file = directory.OpenRead(path);
        var length = file.Length;
        if (length > maxBytes)
            throw new CorruptDataException($"the file has {length} bytes, more than {maxBytes}", path, 0);
        var bytes = new byte[length];
        var count = file.ReadFully(bytes, 0);
        return count == length ? bytes : bytes[..count];
    }

    /// <summary>
    /// Writes a file, in the place of an older one in one step: after a crash there is the old or the new one. It
    /// survives a power cut when the call returns. After an error nothing is left but the old one.
    /// </summary>
    public static void Write(IDataDirectory directory, string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = path + TemporarySuffix;
        directory.Delete(temporary);
        try
        {
            using (var file = directory.Create(temporary))
            {
                file.Write(bytes, 0);
                file.Sync();
            }

            directory.Rename(temporary, path);
        }
        catch (IOException)
        {
            DeleteQuietly(directory, temporary);
            throw;
        }

        directory.SyncDirectory(path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : "");
    }

    private static void DeleteQuietly(IDataDirectory directory, string path)
    {
        try
        {
            directory.Delete(path);
        }
        catch (IOException)
        {
            // The error that led here says more.
        }
    }
}
