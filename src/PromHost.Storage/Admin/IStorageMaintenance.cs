using PromHost.Model;

namespace PromHost.Storage;

/// <summary>What an operator may have done to a storage. Thread-safe; what changes blocks runs one after the other.
/// </summary>
public interface IStorageMaintenance
{
    /// <summary>Deletes samples. When the task completes, new queries do not see them, nor does a restart.</summary>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp, inclusive.</param>
    /// <param name="matchers">Of series that match all of these.</param>
    /// <param name="cancellationToken">Gives up; what is deleted so far stays deleted.</param>
    Task DeleteSeriesAsync(
        long minTimeMs,
        long maxTimeMs,
        IReadOnlyList<LabelMatcher> matchers,
        CancellationToken cancellationToken = default);

    /// <summary>Frees the disk of what is deleted, block after block.</summary>
    /// <param name="cancellationToken">Gives up between two blocks.</param>
    Task CleanTombstonesAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes a copy of the data in the data directory, below <c>snapshots</c>.</summary>
    /// <param name="withHead">Also of what is not in blocks yet?</param>
    /// <param name="cancellationToken">Gives up; nothing is left then.</param>
    /// <returns>The name of the copy.</returns>
    Task<string> SnapshotAsync(bool withHead, CancellationToken cancellationToken = default);
}
