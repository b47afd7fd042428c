using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>
/// Copies a database into a directory of its own below <c>snapshots</c>, which opens as a data directory: blocks as
/// hard links, what is in the head as one more block. A snapshot appears as a whole or not at all.
/// </summary>
internal sealed class SnapshotWriter
{
    /// <summary>Where snapshots are; Prometheus's name.</summary>
    public const string Folder = "snapshots";

    private readonly IDataDirectory _directory;
    private readonly BlockSet _blocks;
    private readonly Head _head;
    private readonly BlockWriter _writer;
    private readonly TimeProvider _time;

    public SnapshotWriter(IDataDirectory directory, BlockSet blocks, Head head, TimeProvider time)
    {
        _directory = directory;
        _blocks = blocks;
        _head = head;
        _writer = new BlockWriter(directory, time, Random.Shared);
        _time = time;
    }

    /// <summary>Makes a snapshot, when whatever changes blocks has ended; on a thread of its own.</summary>
    /// <param name="freeze">
    /// Freezes the samples that came out of order, to be copied too; null: nothing that is not in blocks is copied.
    /// </param>
    /// <param name="cancellationToken">Gives up; nothing is left then.</param>
    /// <returns>Its name.</returns>
    /// <exception cref="IOException">The disk failed or is full; nothing is left.</exception>
    public async Task<string> RunAsync(
        Func<CancellationToken, Task<OutOfOrderFreeze>>? freeze, CancellationToken cancellationToken)
    {
        await _blocks.Changes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var frozen = freeze is null ? null : await freeze(cancellationToken).ConfigureAwait(false);
            return await Task.Factory.StartNew(
                () => Write(frozen, cancellationToken),
                cancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).ConfigureAwait(false);
        }
        finally
        {
            _blocks.Changes.Release();
        }
    }

    private string Write(OutOfOrderFreeze? head, CancellationToken cancellationToken)
    {
        _directory.CreateDirectory(Folder);
        RemoveUnfinished();
        var name = NewName();
        var temporary = $"{Folder}/{name}{BlockSet.CreationSuffix}";
        try
        {
            _directory.CreateDirectory(temporary);
            var view = _blocks.Current;
            foreach (var block in view.Blocks)
            {
                cancellationToken.ThrowIfCancellationRequested();
                LinkBlock(block, temporary);
            }

            if (head is not null)
            {
                WriteHead(temporary, view.HeadMinTimeMs, cancellationToken);
                foreach (var range in head.Ranges) WriteOutOfOrder(temporary, head, range, cancellationToken);
            }

            _directory.SyncDirectory(temporary);
            _directory.Rename(temporary, $"{Folder}/{name}");
            _directory.SyncDirectory(Folder);
            return name;
        }
        catch
        {
            DeleteQuietly(temporary);
            throw;
        }
    }

    // What a crash left behind.
    private void RemoveUnfinished()
    {
        foreach (var name in _directory.List(Folder))
        {
            if (name.EndsWith(BlockSet.CreationSuffix, StringComparison.Ordinal)) _directory.Delete($"{Folder}/{name}");
        }
    }

    // As Prometheus names them: the time, then random bits.
    private string NewName() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_time.GetUtcNow().UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{Random.Shared.NextInt64():x16}");

    private void LinkBlock(Block block, string target)
    {
        var copy = $"{target}/{block.Meta.Id}";
        var chunks = $"{copy}/{BlockFormat.ChunksDirectory}";
        _directory.CreateDirectory(chunks);
        foreach (var file in new[] { BlockMetaFile.FileName, BlockFormat.IndexFile, TombstonesFile.FileName })
        {
            if (_directory.FileExists($"{block.Path}/{file}"))
                _directory.Link($"{block.Path}/{file}", $"{copy}/{file}");
        }

        foreach (var file in _directory.List($"{block.Path}/{BlockFormat.ChunksDirectory}"))
            _directory.Link($"{block.Path}/{BlockFormat.ChunksDirectory}/{file}", $"{chunks}/{file}");
        _directory.SyncDirectory(chunks);
        _directory.SyncDirectory(copy);
    }

    private void WriteHead(string target, long minTimeMs, CancellationToken cancellationToken)
    {
        var firstMs = Math.Max(minTimeMs, _head.Appender.MinTimeMs);
        var lastMs = _head.Appender.MaxTimeMs;
        if (firstMs > lastMs) return;
        using var source = new HeadChunkSource(_head, firstMs, lastMs + 1);
        WritePart(target, source, new TimeInterval(firstMs, lastMs), cancellationToken);
    }

    private void WriteOutOfOrder(
        string target, OutOfOrderFreeze head, TimeInterval range, CancellationToken cancellationToken)
    {
        using var source = head.Open(range);
        WritePart(target, source, range, cancellationToken);
    }

    // The block does not hold all of its range: the head goes on to take samples of it. Without the hint, a server that
    // gets the block beside a log would drop what the log has of that range.
    private void WritePart(
        string target, ChunkSeriesSource source, TimeInterval range, CancellationToken cancellationToken)
    {
        var options = new BlockWriteOptions
        {
            MinTimeMs = range.MinTimeMs,
            MaxTimeMs = range.MaxTimeMs + 1,
            Hints = [BlockCompaction.FromOutOfOrder],
            Folder = target,
        };
        _writer.Write(source, options, cancellationToken);
    }

    private void DeleteQuietly(string path)
    {
        try
        {
            _directory.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that led here says more; the next snapshot removes what is left.
        }
    }
}
