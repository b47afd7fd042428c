// Hot path: queries over several blocks read their samples through here.
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>The series of several sources, each of them once, with what all of them have of it.</summary>
/// <param name="sets">The sources, the oldest first; disposed with this one.</param>
/// <param name="hasHead">Is the last one the head?</param>
internal abstract class JoinedSeriesSet(SeriesSet[] sets, bool hasHead) : SeriesSet
{
    /// <summary>What the sources have of each series; whoever finds them adds to it.</summary>
    protected SeriesParts Parts { get; } = new(sets, hasHead);

    /// <inheritdoc/>
    public sealed override void ReadSamples(
        in SeriesEntry series, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        if (series.Source != this) ((SeriesSet)series.Source!).ReadSamples(series, minTimeMs, maxTimeMs, columns);
        else Parts.Read(series, minTimeMs, maxTimeMs, columns);
    }

    /// <inheritdoc/>
    public sealed override LatestSample TryReadLatest(
        in SeriesEntry series, long minTimeMs, long maxTimeMs, out FloatSample latest) => series.Source != this
        ? ((SeriesSet)series.Source!).TryReadLatest(series, minTimeMs, maxTimeMs, out latest)
        : Parts.TryReadLatest(series, minTimeMs, maxTimeMs, out latest);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var set in sets) set.Dispose();
        base.Dispose(disposing);
    }
}
