using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Checks every file of a data directory: blocks, the write-ahead log with its checkpoints, the out-of-order log, the
/// mapped chunks of the head. Changes nothing and needs no lock; what a running server appends meanwhile may look torn.
/// </summary>
public static class DataVerification
{
    private const string WalPath = "wal";

    /// <summary>Runs the check.</summary>
    /// <param name="dataPath">The data directory.</param>
    /// <param name="progress">Told how many bytes are checked.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    public static VerifyReport Run(
        string dataPath, Action<ToolProgress>? progress, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(dataPath))
            throw new DirectoryNotFoundException($"{dataPath}: there is no such directory");
        var directory = new DataDirectory(dataPath);
        var problems = new ProblemList();
        var blocks = directory.List("").Where(name => Ulid.TryParse(name, out _)).Order(StringComparer.Ordinal)
            .ToList();
        string[] logs = [WalPath, WblReplay.Path];
        var sizes = blocks.Concat(logs).Append(HeadChunkFormat.DirectoryName)
            .ToDictionary(name => name, name => SizeOf(directory, name), StringComparer.Ordinal);
        var total = sizes.Values.Sum();
        var done = 0L;
        void Report(string current, long bytes) => progress?.Invoke(new ToolProgress(current, done + bytes, total));

        foreach (var block in blocks)
        {
            Report(block, 0);
            BlockVerify.Run(directory, block, problems, cancellationToken);
            done += sizes[block];
        }

        var log = new LogVerify(directory, problems);
        foreach (var path in logs)
        {
            var before = log.BytesRead;
            var neededFromMs = path == WalPath ? BlocksEndMs(directory, blocks) : long.MinValue;
            log.Run(path, neededFromMs, () => Report(path, log.BytesRead - before), cancellationToken);
            done += sizes[path];
        }

        new HeadChunksVerify(directory, problems).Run(
            bytes =>
            {
                done += bytes;
                Report(HeadChunkFormat.DirectoryName, 0);
            },
            cancellationToken);
        return new VerifyReport(
            problems.Problems, problems.Count, blocks.Count, total, problems.Notes, problems.NoteCount);
    }

    // Where those end that hold every sample of their range.
    private static long BlocksEndMs(DataDirectory directory, List<string> blocks)
    {
        var endMs = long.MinValue;
        foreach (var block in blocks)
        {
            try
            {
                var meta = BlockMetaFile.Read(directory, $"{block}/{BlockMetaFile.FileName}");
                if (!meta.Compaction.IsPartial()) endMs = Math.Max(endMs, meta.MaxTimeMs);
            }
            catch (Exception error) when (error is CorruptDataException or IOException)
            {
                // A problem that is listed already.
            }
        }

        return endMs;
    }

    private static long SizeOf(DataDirectory directory, string name)
    {
        var path = Path.Join(directory.RootPath, name);
        return Directory.Exists(path)
            ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length)
            : 0;
    }
}
