namespace PromHost.PromQL;

/// <summary>What an operator did.</summary>
/// <param name="Series">Series that it emitted; 1 for a scalar.</param>
/// <param name="Points">Points that it emitted, over all steps.</param>
/// <param name="Samples">Samples that it read from the storage, each once.</param>
/// <param name="Bytes">The most memory that it held at once, without what is below it.</param>
/// <param name="Elapsed">Time that the query spent in it and in what is below it.</param>
/// <param name="OwnElapsed">The same without what is below it. Reading ahead on other threads is not in it.</param>
/// <param name="CacheHits">
/// Lookups that a cache of the storage answered: selections in blocks, regular expressions over values in the head.
/// </param>
/// <param name="CacheMisses">Lookups that it could not answer.</param>
public sealed record PlanMeasurement(
    long Series,
    long Points,
    long Samples,
    long Bytes,
    TimeSpan Elapsed,
    TimeSpan OwnElapsed,
    long CacheHits,
    long CacheMisses);
