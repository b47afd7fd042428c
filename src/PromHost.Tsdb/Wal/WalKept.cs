namespace PromHost.Tsdb;

/// <summary>What a shortened log must still hold.</summary>
/// <param name="IsAlive">
/// Is the series of a ref in memory? Asked once per ref, on the thread that shortens the log.
/// </param>
/// <param name="MinTimeMs">
/// Samples and exemplars before it are left out: all that is in blocks that survive a power cut, or not wanted any
/// more.
/// </param>
internal readonly record struct WalKept(Func<ulong, bool> IsAlive, long MinTimeMs)
{
    /// <summary>
    /// Tombstones that end before it are left out. Where samples that came out of order are older than the rest of the
    /// head, so may be what is deleted of them; and where nothing was left to make a block of, a start finds deleted
    /// chunks again.
    /// </summary>
    public long TombstonesFromMs { get; init; } = MinTimeMs;
}
