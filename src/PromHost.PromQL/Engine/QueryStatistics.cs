namespace PromHost.PromQL;

/// <summary>What a query took.</summary>
/// <param name="QueueTime">Waiting for its turn.</param>
/// <param name="PreparationTime">Parsing and planning.</param>
/// <param name="InnerEvaluationTime">Evaluating.</param>
/// <param name="ResultSortTime">Ordering the series of a range query.</param>
/// <param name="TotalTime">All of it.</param>
/// <param name="TotalQueryableSamples">Samples the evaluation looked at, again at every step, as upstream does.</param>
/// <param name="SamplesRead">Samples read from the storage, each once, as upstream counts.</param>
/// <param name="PeakSamples">Most samples held at once.</param>
public sealed record QueryStatistics(
    TimeSpan QueueTime,
    TimeSpan PreparationTime,
    TimeSpan InnerEvaluationTime,
    TimeSpan ResultSortTime,
    TimeSpan TotalTime,
    long TotalQueryableSamples,
    long SamplesRead,
    long PeakSamples)
{
    /// <summary>Preparation, evaluation and sorting together.</summary>
    public TimeSpan EvaluationTime => PreparationTime + InnerEvaluationTime + ResultSortTime;

    /// <summary>The same samples at each step; null unless asked for.</summary>
    public StepStatistics? ByStep { get; init; }
}
