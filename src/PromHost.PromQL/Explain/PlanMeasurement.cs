namespace PromHost.PromQL;

/// <summary>What an operator did.</summary>
/// <param name="Series">Series that it emitted; 1 for a scalar.</param>
/// <param name="Points">Points that it emitted, over all steps.</param>
/// <param name="Samples">Samples that it read from the storage, each once.</param>
/// <param name="Bytes">The most memory that it held at once, without what is below it.</param>
/// <param name="Elapsed">Time that the query spent in it and in what is below it.</param>
/// <param name="OwnElapsed">The same without what is below it. Reading ahead on other threads is not in it.</param>
/// <param name="CacheHits">Selections that a cache of the storage answered.</param>
/// <param name="CacheMisses">Selections that had to be looked up in the index of a block.</param>
public sealed record PlanMeasurement(
    long Series,
    long Points,
    long Samples,
    long Bytes,
    TimeSpan Elapsed,
    TimeSpan OwnElapsed,
    long CacheHits,
    long CacheMisses);
