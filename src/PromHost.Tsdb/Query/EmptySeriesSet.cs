using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>No series.</summary>
internal sealed class EmptySeriesSet : SeriesSet
{
    /// <inheritdoc/>
    public override int ReadNext(Span<SeriesEntry> batch) => 0;

    /// <inheritdoc/>
    public override void ReadSamples(in SeriesEntry series, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
    }
}
