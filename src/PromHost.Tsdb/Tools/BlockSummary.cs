using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>A block of a data directory, as its description and its files say.</summary>
/// <param name="Id">Its ULID.</param>
/// <param name="MinTimeMs">First timestamp, inclusive.</param>
/// <param name="MaxTimeMs">Where its time ends, exclusive.</param>
/// <param name="Samples">Samples.</param>
/// <param name="Chunks">Chunks.</param>
/// <param name="Series">Series.</param>
/// <param name="SizeBytes">Bytes of its files.</param>
public sealed record BlockSummary(
    string Id, long MinTimeMs, long MaxTimeMs, long Samples, long Chunks, long Series, long SizeBytes)
{
    /// <summary>The blocks of a data directory, ascending by their first timestamp.</summary>
    /// <param name="dataPath">The data directory.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="CorruptDataException">The description of a block is damaged.</exception>
    /// <exception cref="IOException">The description of a block cannot be read.</exception>
    public static IReadOnlyList<BlockSummary> List(string dataPath)
    {
        if (!Directory.Exists(dataPath))
            throw new DirectoryNotFoundException($"{dataPath}: there is no such directory");
        var directory = new DataDirectory(dataPath);
        return
        [
            .. directory.List("").Where(name => Ulid.TryParse(name, out _)).Select(name => Read(directory, name))
                .OrderBy(block => block.MinTimeMs).ThenBy(block => block.Id, StringComparer.Ordinal),
        ];
    }

    internal static BlockSummary Read(IDataDirectory directory, string path)
    {
        var meta = BlockMetaFile.Read(directory, $"{path}/{BlockMetaFile.FileName}");
        return Of(directory, path, meta);
    }

    internal static BlockSummary Of(IDataDirectory directory, string path, BlockMeta meta)
    {
        var size = 0L;
        string[] files =
        [
            $"{path}/{BlockFormat.IndexFile}",
            $"{path}/{BlockMetaFile.FileName}",
            $"{path}/{TombstonesFile.FileName}",
            .. directory.List($"{path}/{BlockFormat.ChunksDirectory}")
                .Select(name => $"{path}/{BlockFormat.ChunksDirectory}/{name}"),
        ];
        foreach (var file in files)
        {
            if (!directory.FileExists(file)) continue;
            using var opened = directory.OpenRead(file);
            size += opened.Length;
        }

        return new BlockSummary(
            meta.Id.ToString(), meta.MinTimeMs, meta.MaxTimeMs, meta.Stats.Samples, meta.Stats.Chunks,
            meta.Stats.Series, size);
    }
}
