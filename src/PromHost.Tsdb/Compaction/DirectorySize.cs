namespace PromHost.Tsdb;

/// <summary>Adds up files.</summary>
internal static class DirectorySize
{
    /// <summary>Bytes of all files in and below a directory; 0 when it is missing.</summary>
    public static long Of(IDataDirectory directory, string path)
    {
        var bytes = 0L;
        foreach (var name in directory.List(path))
        {
            var entry = $"{path}/{name}";
            bytes += directory.FileExists(entry) ? SizeOf(directory, entry) : Of(directory, entry);
        }

        return bytes;
    }

    private static long SizeOf(IDataDirectory directory, string path)
    {
        try
        {
            using var file = directory.OpenRead(path);
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            // Deleted meanwhile.
            return 0;
        }
    }
}
