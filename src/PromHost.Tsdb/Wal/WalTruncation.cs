using Microsoft.Extensions.Logging;

namespace PromHost.Tsdb;

/// <summary>
/// Makes a write-ahead log shorter: the lower two thirds of its segments give way to a checkpoint (Prometheus 3.5:
/// <c>Head.truncateWAL</c>). On a thread of its own, one at a time; appending goes on meanwhile.
/// </summary>
/// <param name="directory">The data directory.</param>
/// <param name="walPath">The log's directory in it.</param>
/// <param name="compression">How records are compressed that are written anew.</param>
/// <param name="logger">Told of each checkpoint.</param>
internal sealed class WalTruncation(
    IDataDirectory directory, string walPath, WalCompression compression, ILogger logger)
{
    private long _lastMinTimeMs = long.MinValue;

    /// <summary>Checkpoints that were begun.</summary>
    public long Begun { get; private set; }

    /// <summary>Checkpoints that failed.</summary>
    public long Failed { get; private set; }

    /// <summary>
    /// Writes a checkpoint and deletes what it stands for; does nothing where there are too few segments, or when the
    /// last one had this time already.
    /// </summary>
    /// <param name="openSegment">
    /// The segment being written, begun just now (<see cref="WalWriter.StartSegment"/>): those before it are complete.
    /// </param>
    /// <param name="kept">
    /// What the log must hold. Series made after <paramref name="openSegment"/> was begun are not asked for.
    /// </param>
    /// <param name="cancellationToken">Ends it early; the log is then as it was.</param>
    /// <returns>True when a checkpoint was written.</returns>
    /// <exception cref="IOException">
    /// It failed, <see cref="DiskFullException"/> for want of room; the log is as it was.
    /// </exception>
    /// <exception cref="PromHost.Codecs.CorruptDataException">
    /// The segments are damaged; they stay for the next start to repair.
    /// </exception>
    public bool Run(int openSegment, WalKept kept, CancellationToken cancellationToken)
    {
        if (kept.MinTimeMs <= _lastMinTimeMs || !TryFindLast(openSegment, out var last))
            return false;
        Begun++;
        try
        {
            var checkpoint = new WalCheckpoint(directory, walPath, compression);
            var stats = checkpoint.Write(last, kept, cancellationToken);
            TsdbLog.CheckpointWritten(logger, last, stats.DroppedSeries, stats.DroppedEntries, stats.Entries);
            _lastMinTimeMs = kept.MinTimeMs;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Failed++;
            throw;
        }

        WalSegments.DeleteReplaced(directory, walPath);
        return true;
    }

    // The segment that was written until now is never taken: it is the newest there is.
    private bool TryFindLast(int openSegment, out int last)
    {
        last = 0;
        var replaced = WalSegments.LastCheckpoint(directory, walPath);
        var segments = WalSegments.List(directory, walPath).Where(s => s.Number > replaced).ToList();
        if (segments.Count == 0)
            return false;
        var first = segments[0].Number;
        last = first + ((openSegment - 2 - first) * 2 / 3);
        return last > first;
    }
}
