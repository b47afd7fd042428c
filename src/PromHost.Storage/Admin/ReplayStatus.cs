namespace PromHost.Storage;

/// <summary>How far the replay of the log has come, in segment numbers.</summary>
/// <param name="Done">Is it finished, so that queries and writes are answered?</param>
/// <param name="FirstSegment">The first segment to replay.</param>
/// <param name="LastSegment">The last segment to replay.</param>
/// <param name="CurrentSegment">The segment being replayed.</param>
public readonly record struct ReplayStatus(bool Done, int FirstSegment, int LastSegment, int CurrentSegment);
