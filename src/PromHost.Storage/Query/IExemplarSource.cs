using PromHost.Model;

namespace PromHost.Storage;

/// <summary>The exemplars that a storage keeps. Thread-safe.</summary>
public interface IExemplarSource
{
    /// <summary>The exemplars of a range of time, by series in the order of the series' labels.</summary>
    /// <param name="minTimeMs">First timestamp of interest, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp of interest, inclusive.</param>
    /// <param name="selectors">Of series that match all matchers of at least one of these.</param>
    IReadOnlyList<SeriesExemplars> SelectExemplars(
        long minTimeMs, long maxTimeMs, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors);
}
