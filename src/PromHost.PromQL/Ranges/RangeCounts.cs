namespace PromHost.PromQL;

/// <summary>What the windows of one series held.</summary>
/// <param name="Total">Samples, again in every window.</param>
/// <param name="Read">Samples, each once.</param>
/// <param name="Largest">Samples of the largest window.</param>
internal readonly record struct RangeCounts(long Total, long Read, int Largest);
