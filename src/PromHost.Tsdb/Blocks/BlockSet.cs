using Microsoft.Extensions.Logging;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The blocks of a database. Queries take <see cref="Current"/> once and see neither a hole nor a sample twice while
/// blocks come and go. Thread-safe.
/// </summary>
/// <remarks>
/// How to make blocks from the head or from other blocks:
/// <list type="number">
/// <item>Wait for <see cref="Changes"/>.</item>
/// <item>Write the block under its final name, <see cref="Open"/> it.</item>
/// <item><see cref="PublishAsync"/> it, together with what it takes the place of: blocks, or the head before a
/// time. The change is one step: a querier sees all of it or nothing.</item>
/// <item>Whoever entered <see cref="Head.Epochs"/> before may still read what was replaced. Blocks are kept for them
/// here; the head is truncated only after <see cref="Epochs.DrainAsync"/>, or through <see cref="Epochs.Retire"/>.
/// </item>
/// <item>Release <see cref="Changes"/>.</item>
/// </list>
/// A reader enters the epoch first and reads <see cref="Current"/> then.
/// </remarks>
internal sealed class BlockSet : IDisposable
{
    /// <summary>Ends the name of a block's directory while it is being written.</summary>
    public const string CreationSuffix = ".tmp-for-creation";

    /// <summary>Ends the name of a block's directory while it is being deleted.</summary>
    public const string DeletionSuffix = ".tmp-for-deletion";

    private readonly IDataDirectory _directory;
    private readonly Epochs _epochs;
    private readonly ILogger _logger;
    private readonly DamageLedger _damages;
    private readonly Lock _lock = new();
    private readonly BlockCacheBudget _cacheBudget = new(BlockCacheBudget.DefaultMaxBytes);
    private BlockView _current = BlockView.Empty;
    private Task _removals = Task.CompletedTask;
    private long _unreadable;

    /// <summary>No blocks yet.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="epochs">Those of the readers.</param>
    /// <param name="logger">Told what becomes of blocks.</param>
    /// <param name="damages">Takes what is damaged in blocks; null: nobody asks for it.</param>
    public BlockSet(IDataDirectory directory, Epochs epochs, ILogger logger, DamageLedger? damages = null)
    {
        _damages = damages ?? new DamageLedger(logger, TimeProvider.System);
        _directory = directory;
        _epochs = epochs;
        _logger = logger;
    }

    /// <summary>The blocks now, and where the head takes over.</summary>
    public BlockView Current => Volatile.Read(ref _current);

    /// <summary>
    /// Held by whoever changes blocks or makes them from others: compaction, retention, deletion of series, cleaning of
    /// tombstones, snapshots. Nothing that reads waits for it.
    /// </summary>
    public SemaphoreSlim Changes { get; } = new(1, 1);

    /// <summary>Bytes of what queries have made of blocks and may need again.</summary>
    public long CachedBytes => _cacheBudget.UsedBytes;

    /// <summary>Blocks that could not be opened and were put aside, or left alone, since the start.</summary>
    public long UnreadableCount => Volatile.Read(ref _unreadable);

    /// <summary>
    /// Opens the blocks that the data directory holds. Removes what a crash has left: directories half written or half
    /// deleted, and blocks whose compacted successor is there. A block that cannot be opened is mended or put aside.
    /// </summary>
    /// <exception cref="IOException">The data directory cannot be read.</exception>
    public void Load()
    {
        var load = new BlockLoad(_directory, _cacheBudget, _damages, _logger);
        var blocks = load.Run();
        Volatile.Write(ref _unreadable, load.UnreadableCount);
        var view = new BlockView(Sorted(blocks), long.MinValue);
        Volatile.Write(ref _current, view with { HeadMinTimeMs = view.WholeBlocksEndMs });
    }

    /// <summary>Opens a block that was just written; it is seen by nobody before it is published.</summary>
    /// <param name="name">The name of its directory.</param>
    /// <exception cref="CorruptDataException">A file of it is damaged.</exception>
    /// <exception cref="IOException">A file of it cannot be read.</exception>
    public Block Open(string name) => Block.Open(_directory, name, _cacheBudget, _damages);

    /// <summary>
    /// Takes blocks in and others out in one step. When the call returns, new queries see the change; the removed
    /// blocks are unmapped and their directories deleted when nobody reads them any more.
    /// </summary>
    /// <param name="added">Opened blocks that were not there.</param>
    /// <param name="removed">Blocks that are there.</param>
    /// <param name="headMinTimeMs">
    /// The time from which the head is read from now on: the end of the block that was made from it. Null: as before.
    /// </param>
    /// <returns>
    /// Completes when the removed blocks are gone from the disk; never fails. Not to be awaited inside an epoch, nor
    /// while a source is open that is.
    /// </returns>
    public Task PublishAsync(
        IReadOnlyCollection<Block> added, IReadOnlyCollection<Block> removed, long? headMinTimeMs = null)
    {
        lock (_lock)
        {
            var current = _current;
            var blocks = Sorted(current.Blocks.Except(removed).Concat(added));
            Volatile.Write(ref _current, new BlockView(blocks, headMinTimeMs ?? current.HeadMinTimeMs));
            if (removed.Count == 0) return Task.CompletedTask;
            var removals = Task.WhenAll(removed.Select(RemoveAsync));
            _removals = Task.WhenAll(_removals, removals);
            return removals;
        }
    }

    /// <summary>Completes when all blocks removed so far are gone from the disk; never fails.</summary>
    public Task RemovedAsync()
    {
        lock (_lock) return _removals;
    }

    /// <summary>Unmaps all blocks; nobody reads them any more.</summary>
    public void Dispose()
    {
        foreach (var block in Current.Blocks) block.Dispose();
        Changes.Dispose();
    }

    private static Block[] Sorted(IEnumerable<Block> blocks) =>
        [.. blocks.OrderBy(block => block.Meta.MinTimeMs).ThenBy(block => block.Meta.Id)];

    private async Task RemoveAsync(Block block)
    {
        // Not on the thread that publishes, nor on that of the last query.
        await _epochs.DrainAsync().ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        block.Dispose();
        BlockLoad.Delete(_directory, block.Path, _logger);
    }
}
