namespace PromHost.PromQL;

/// <summary>What an operator is expected to do at most, judged by the index alone.</summary>
/// <param name="Series">Series that it emits.</param>
/// <param name="Points">Points that it emits, over all steps.</param>
/// <param name="Samples">Samples that it reads from the storage, if there is one every 15 s.</param>
/// <param name="Bytes">Memory that it holds, without what is below it.</param>
public sealed record PlanEstimate(long Series, long Points, long Samples, long Bytes);
