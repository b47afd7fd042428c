namespace PromHost.LoadTest;

/// <summary>What a generated data set is like.</summary>
/// <param name="Instances">Targets, each a copy of the scraped one with its own labels and phase.</param>
/// <param name="Steps">Scrapes per target.</param>
/// <param name="IntervalSeconds">Seconds between two scrapes of a target.</param>
/// <param name="StartSeconds">Time of the first scrape, seconds since the Unix epoch.</param>
/// <param name="BatchSamples">Samples per remote-write request.</param>
internal sealed record DataSet(
    int Instances, int Steps, int IntervalSeconds, long StartSeconds, int BatchSamples)
{
    /// <summary>Time after the last scrape, seconds since the Unix epoch.</summary>
    public long EndSeconds => StartSeconds + ((long)Steps * IntervalSeconds);

    /// <summary>
    /// The span of range queries: all but the first hour, or the first third, which windows look back on.
    /// </summary>
    /// <param name="endSeconds">Time of the newest sample.</param>
    public (long Start, long End) SpanUntil(long endSeconds) =>
        (StartSeconds + Math.Min(3600, (endSeconds - StartSeconds) / 3), endSeconds);
}
