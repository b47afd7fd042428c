using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>Collects how often classic histograms had to be made monotonic, for one info at the end.</summary>
internal sealed class MonotonicityRepairs(QueryContext context, PositionRange position)
{
    private readonly Dictionary<string, RaisedBuckets> _byMetric = new(StringComparer.Ordinal);

    /// <summary>Notes a repair.</summary>
    /// <param name="metricName">Empty where names have been dropped.</param>
    /// <param name="timeMs">The step's time.</param>
    /// <param name="buckets">The buckets after the repair.</param>
    public void Add(string metricName, long timeMs, scoped ref ClassicBuckets buckets)
    {
        var raised = new RaisedBuckets(
            timeMs, timeMs, buckets.LowestRaised, buckets.HighestRaised, buckets.LargestRaise, 1);
        _byMetric[metricName] = _byMetric.TryGetValue(metricName, out var known) ? known.With(raised) : raised;
    }

    /// <summary>Adds the infos to the query's annotations.</summary>
    public void Report()
    {
        foreach (var (metricName, raised) in _byMetric)
        {
            var metric = metricName.Length == 0 ? string.Empty : $" for metric name {GoText.Quote(metricName)}";
            context.Annotations.AddRaisedBuckets(
                "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see " +
                $"https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile){metric}",
                context.PlaceOf(position),
                position.End,
                raised);
        }
    }
}
