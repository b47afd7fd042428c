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
/// <item>What is damaged is mended (<see cref="BlockMend"/>) or goes to <c>promhost/quarantine/</c>; what cannot be
/// read for another reason (rights, a version of long ago) is left alone.</item>
/// </list>
/// </remarks>
/// <param name="directory">The data directory.</param>
/// <param name="cacheBudget">Bounds what is cached of the blocks.</param>
/// <param name="damages">Takes what was damaged.</param>
/// <param name="logger">Told of what is removed.</param>
internal sealed class BlockLoad(
    IDataDirectory directory, BlockCacheBudget cacheBudget, DamageLedger damages, ILogger logger)
{
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
            else if (!TryMend(name, error)) PutAside(name, error);
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
            _opened.Add(Block.Open(directory, name, cacheBudget, damages));
        }
        catch (Exception error) when (IsExpected(error))
        {
            _failed.Add((name, error));
        }
    }

    private bool TryMend(string name, Exception error)
    {
        try
        {
            if (new BlockMend(directory, damages).TryOpen(name, error, cacheBudget) is not { } block) return false;
            _opened.Add(block);
            return true;
        }
        catch (Exception second) when (IsExpected(second))
        {
            return false;
        }
    }

    private static bool IsExpected(Exception error) =>
        error is CorruptDataException or NotSupportedException or IOException or UnauthorizedAccessException;

    private void PutAside(string name, Exception error)
    {
        UnreadableCount++;
        string? target = null;
        if (error is CorruptDataException or FileNotFoundException or DirectoryNotFoundException)
            target = TryQuarantine(name);
        var reason = target is null
            ? "the block cannot be opened, its samples are missing; its files stay where they are"
            : "the block is damaged, its samples are missing";
        damages.Add(new Damage(name, 0, $"{reason}: {error.Message}", target));
    }

    private string? TryQuarantine(string name)
    {
        try
        {
            var target = Quarantine.NameFor(directory, name);
            directory.Rename(name, target);
            directory.SyncDirectory(Quarantine.Path);
            directory.SyncDirectory("");
            return target;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            BlockLog.NotQuarantined(logger, name, error);
            return null;
        }
    }
}
