namespace PromHost.PromQL;

/// <summary>The samples of a query at each of its steps, counted as upstream does.</summary>
/// <param name="StartMs">The first step.</param>
/// <param name="StepMs">From step to step.</param>
/// <param name="TotalQueryableSamples">Samples that the evaluation looked at.</param>
/// <param name="SamplesRead">Samples read from the storage that no step before has read.</param>
public sealed record StepStatistics(
    long StartMs, long StepMs, IReadOnlyList<long> TotalQueryableSamples, IReadOnlyList<long> SamplesRead)
{
    /// <summary>Takes the counts of a query that is over.</summary>
    internal static StepStatistics Of(StepGrid grid, QuerySampleCounts counts)
    {
        var (totals, reads) = counts.ByStep();
        return new StepStatistics(grid.StartMs, grid.StepMs, totals, reads);
    }
}
