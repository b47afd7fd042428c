namespace PromHost.Storage;

/// <summary>
/// The series of one selection: handed out in batches, their samples read on request. <see cref="ReadNext"/> is for one
/// thread at a time; reading samples is thread-safe, also of one series. Valid until the querier is disposed.
/// </summary>
public abstract class SeriesSet : IDisposable
{
    /// <summary>An upper bound of the number of series, to size buffers with; 0 when unknown.</summary>
    public virtual int CountEstimate => 0;

    /// <summary>Hands out the next series in the set's order.</summary>
    /// <param name="batch">Filled from its start; not empty.</param>
    /// <returns>The number of series handed out; 0 at the end.</returns>
    public abstract int ReadNext(Span<SeriesEntry> batch);

    /// <summary>Appends the samples of a series to columns, ascending by time, staleness markers included.</summary>
    /// <param name="series">Handed out by this set.</param>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp, inclusive.</param>
    /// <param name="columns">Where to append; owned by the caller.</param>
    /// <exception cref="StorageReadException">The stored data are damaged or unreadable.</exception>
    public abstract void ReadSamples(in SeriesEntry series, long minTimeMs, long maxTimeMs, SampleColumns columns);

    /// <summary>
    /// Reads the newest sample of a series in a range where that costs less than reading the range.
    /// </summary>
    /// <param name="series">Handed out by this set.</param>
    /// <param name="minTimeMs">First timestamp, inclusive.</param>
    /// <param name="maxTimeMs">Last timestamp, inclusive.</param>
    /// <param name="latest">The sample, when the answer is <see cref="LatestSample.Found"/>.</param>
    public virtual LatestSample TryReadLatest(
        in SeriesEntry series, long minTimeMs, long maxTimeMs, out Model.FloatSample latest)
    {
        latest = default;
        return LatestSample.Unknown;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the set holds.</summary>
    /// <param name="disposing">True from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
