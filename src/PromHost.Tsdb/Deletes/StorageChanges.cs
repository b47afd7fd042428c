using Microsoft.Extensions.Logging;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// What an operator has done to a database. Whatever changes blocks holds <see cref="BlockSet.Changes"/> and runs on a
/// thread of its own, because it waits for the disk. Thread-safe.
/// </summary>
internal sealed class StorageChanges
{
    private readonly BlockSet _blocks;
    private readonly SeriesDeletion _deletion;
    private readonly TombstoneCleaner _cleaner;
    private readonly Action<CancellationToken> _compactOutOfOrder;

    public StorageChanges(
        IDataDirectory directory,
        Head head,
        BlockSet blocks,
        Committer committer,
        Action<CancellationToken> compactOutOfOrder,
        ILogger logger,
        TimeProvider timeProvider)
    {
        _blocks = blocks;
        _compactOutOfOrder = compactOutOfOrder;
        var writer = new BlockWriter(directory, timeProvider, Random.Shared);
        _deletion = new SeriesDeletion(head, blocks, committer);
        _cleaner = new TombstoneCleaner(directory, blocks, writer, logger);
    }

    /// <inheritdoc cref="IStorageMaintenance.DeleteSeriesAsync"/>
    public async Task DeleteSeriesAsync(
        long minTimeMs,
        long maxTimeMs,
        IReadOnlyList<LabelMatcher> matchers,
        CancellationToken cancellationToken = default)
    {
        if (minTimeMs > maxTimeMs) return;
        var range = new TimeInterval(minTimeMs, maxTimeMs);
        await _blocks.Changes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await OnThreadAsync(
                () =>
                {
                    // A Prometheus that starts on this directory honours tombstones of the head only from the end of
                    // the blocks on: what is older must be deleted of a block.
                    if (_deletion.FindsOutOfOrder(range, matchers)) _compactOutOfOrder(cancellationToken);
                    _deletion.DeleteInBlocks(range, matchers, cancellationToken);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
            await _deletion.DeleteInHeadAsync(range, matchers).ConfigureAwait(false);
        }
        finally
        {
            _blocks.Changes.Release();
        }
    }

    /// <inheritdoc cref="IStorageMaintenance.CleanTombstonesAsync"/>
    public async Task CleanTombstonesAsync(CancellationToken cancellationToken = default)
    {
        foreach (var id in _cleaner.FindBlocks())
        {
            var cleaned = await CleanAsync(id, cancellationToken).ConfigureAwait(false);
            // Queries may hold the old block: its room is free only then.
            await cleaned.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task<T> OnThreadAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(work, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private async Task<Task> CleanAsync(Ulid block, CancellationToken cancellationToken)
    {
        await _blocks.Changes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await OnThreadAsync(() => _cleaner.Clean(block, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _blocks.Changes.Release();
        }
    }
}
