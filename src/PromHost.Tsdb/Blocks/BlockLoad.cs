using Microsoft.Extensions.Logging;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Opens the blocks of a data directory at start, as Prometheus does, but goes on where one cannot be opened.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>Directories half written or half deleted are removed.</item>
/// <item>All blocks are opened.</item>
/// <item>A block that another one names as its parent was compacted into it, or is marked as empty: it is deleted.
/// </item>
/// <item>What is damaged goes to <c>promhost/quarantine/</c>; what cannot be read for another reason (rights, a version
/// of long ago) is left alone.</item>
/// </list>
/// </remarks>
internal sealed class BlockLoad(IDataDirectory directory, BlockCacheBudget cacheBudget, ILogger logger)
{
    private const string Quarantine = "promhost/quarantine";

    private readonly List<Block> _opened = [];
    private readonly List<(string Name, Exception Error)> _failed = [];

    /// <summary>Blocks that could not be opened.</summary>
    public int UnreadableCount { get; private set; }

    /// <summary>Runs it.</summary>
    /// <returns>The blocks to serve.</returns>
    public List<Block> Run()
    {
        foreach (var name in directory.List("").Order(StringComparer.Ordinal))
        {
            if (IsLeftover(name)) DeleteQuietly(name);
            else if (Ulid.TryParse(name, out _)) Open(name);
        }

        var obsolete = new HashSet<Ulid>();
        foreach (var block in _opened)
        {
            if (block.Meta.Compaction.IsDeletable) obsolete.Add(block.Meta.Id);
            foreach (var parent in block.Meta.Compaction.Parents) obsolete.Add(parent.Id);
        }

        foreach (var block in _opened.Where(block => obsolete.Contains(block.Meta.Id)))
        {
            block.Dispose();
            Delete(directory, block.Path, logger);
        }

        foreach (var (name, error) in _failed)
        {
            if (Ulid.TryParse(name, out var id) && obsolete.Contains(id)) Delete(directory, name, logger);
            else PutAside(name, error);
        }

        return [.. _opened.Where(block => !obsolete.Contains(block.Meta.Id))];
    }

    /// <summary>
    /// Deletes a block's directory, in such a way that a crash leaves all of it, or nothing that looks like a block. An
    /// error is logged: at the next start it is tried again.
    /// </summary>
    public static void Delete(IDataDirectory directory, string name, ILogger logger)
    {
        try
        {
            var doomed = name + BlockSet.DeletionSuffix;
            directory.Delete(doomed);
            directory.Rename(name, doomed);
            directory.SyncDirectory("");
            directory.Delete(doomed);
            BlockLog.BlockDeleted(logger, name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            BlockLog.DeletionFailed(logger, name, error);
        }
    }

    private static bool IsLeftover(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        // The last one is of Prometheus before 2.21.
        return dot > 0 && Ulid.TryParse(name.AsSpan(0, dot), out _) &&
            name[dot..] is BlockSet.CreationSuffix or BlockSet.DeletionSuffix or ".tmp";
    }

    private void DeleteQuietly(string name)
    {
        try
        {
            directory.Delete(name);
            BlockLog.LeftoverDeleted(logger, name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            BlockLog.DeletionFailed(logger, name, error);
        }
    }

    private void Open(string name)
    {
        try
        {
            _opened.Add(Block.Open(directory, name, cacheBudget));
        }
        catch (Exception error) when (
            error is CorruptDataException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            _failed.Add((name, error));
        }
    }

    private void PutAside(string name, Exception error)
    {
        UnreadableCount++;
        if (error is not (CorruptDataException or FileNotFoundException or DirectoryNotFoundException))
        {
            BlockLog.BlockLeftAlone(logger, name, error);
            return;
        }

        try
        {
            directory.CreateDirectory(Quarantine);
            var target = $"{Quarantine}/{name}";
            for (var i = 1; directory.List(target).Count > 0; i++) target = $"{Quarantine}/{name}.{i}";
            directory.Rename(name, target);
            directory.SyncDirectory(Quarantine);
            directory.SyncDirectory("");
            BlockLog.BlockQuarantined(logger, name, target, error);
        }
        catch (Exception second) when (second is IOException or UnauthorizedAccessException)
        {
            BlockLog.BlockLeftAlone(logger, name, error);
        }
    }
}
