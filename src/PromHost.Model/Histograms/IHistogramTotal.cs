namespace PromHost.Model;

/// <summary>What native histograms come to that are given one by one: a sum or a mean.</summary>
public interface IHistogramTotal
{
    /// <summary>How many histograms were offered.</summary>
    int Count { get; }

    /// <summary>
    /// In what they did not agree. After <see cref="HistogramConflicts.Schemas"/> there is no total, and further
    /// histograms are ignored.
    /// </summary>
    HistogramConflicts Conflicts { get; }

    /// <summary>Begins anew with nothing.</summary>
    void Reset();

    /// <summary>Adds a histogram; allocates nothing if its layout is that of the total.</summary>
    void Add(NativeHistogram histogram);

    /// <summary>
    /// The total; null if there is none. Valid until <see cref="Reset"/>, which alone is allowed afterwards.
    /// </summary>
    /// <param name="isCompact">Are empty buckets left out?</param>
    HistogramAccumulator? Finish(bool isCompact);
}
