namespace PromHost.Storage;

/// <summary>How far the replay of the log has come, in segment numbers.</summary>
/// <param name="Done">Is it finished, so that queries and writes are answered?</param>
/// <param name="FirstSegment">The first segment to replay.</param>
/// <param name="LastSegment">The last segment to replay.</param>
/// <param name="CurrentSegment">The segment being replayed.</param>
public readonly record struct ReplayStatus(bool Done, int FirstSegment, int LastSegment, int CurrentSegment)
{
    /// <summary>Series of the head image that is being read, which comes before the log; 0: none is.</summary>
    public int ImageSeries { get; init; }

    /// <summary>Series of it that are there.</summary>
    public int ImageSeriesRead { get; init; }

    /// <summary>Has the log been begun?</summary>
    public bool ReadsLog { get; init; }
}
