using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>
/// Removes at a start what killed processes of ours have left half done: imports, snapshots, repaired copies of log
/// segments; and ends a <c>promhost tsdb repair</c> that had put a block aside and its successor not yet in its place.
/// Half-written blocks and checkpoints go where they are loaded.
/// </summary>
/// <param name="directory">The data directory; its lock is held.</param>
/// <param name="logger">Told of everything that is removed.</param>
internal sealed class Leftovers(IDataDirectory directory, ILogger logger)
{
    private const string Parent = "promhost";

    /// <summary>Runs it. What cannot be removed stays for the next start.</summary>
    public void Remove()
    {
        if (BlockSalvage.IsUnfinished(directory))
        {
            Try(BlockSalvage.Folder, () =>
            {
                new BlockSalvage(directory).FinishOld();
                BlockLog.RepairFinished(logger);
            });
        }

        foreach (var import in ImportFolder.List(directory))
        {
            Try(import, () =>
            {
                foreach (var path in ImportFolder.FindAbandoned(directory, import)) Delete(path);
            });
        }

        foreach (var path in Find()) Try(path, () => Delete(path));
    }

    private List<string> Find() =>
    [
        .. directory.List(Parent).Where(name => name.StartsWith(WalRepair.RewritePrefix, StringComparison.Ordinal))
            .Select(name => $"{Parent}/{name}"),
        .. directory.List(SnapshotWriter.Folder)
            .Where(name => name.EndsWith(BlockSet.CreationSuffix, StringComparison.Ordinal))
            .Select(name => $"{SnapshotWriter.Folder}/{name}"),
    ];

    private void Delete(string path)
    {
        directory.Delete(path);
        BlockLog.LeftoverDeleted(logger, path);
    }

    private void Try(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            BlockLog.DeletionFailed(logger, path, error);
        }
    }
}
