// Hot path: queries over several blocks find their series here.
using System.Runtime.InteropServices;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>The series of several sources, joined by their labels, in no particular order.</summary>
internal sealed class HashedSeriesSet : SeriesSet
{
    private readonly SeriesSet[] _sets;
    private readonly SeriesParts _parts;
    private readonly List<(Labels Labels, int First)> _series;
    private int _next;

    /// <summary>Reads and joins the series of all sources.</summary>
    /// <param name="sets">The sources, the oldest first; disposed with this one.</param>
    /// <param name="hasHead">Is the last one the head?</param>
    /// <exception cref="StorageReadException">A source is damaged.</exception>
    public HashedSeriesSet(SeriesSet[] sets, bool hasHead)
    {
        _sets = sets;
        _parts = new SeriesParts(sets, hasHead);
        var estimate = sets.Max(set => set.CountEstimate);
        _series = new List<(Labels, int)>(estimate);
        Join(estimate);
    }

    /// <inheritdoc/>
    public override int CountEstimate => _series.Count;

    /// <inheritdoc/>
    public override int ReadNext(Span<SeriesEntry> batch)
    {
        var count = Math.Min(batch.Length, _series.Count - _next);
        for (var i = 0; i < count; i++)
        {
            var (labels, first) = _series[_next++];
            batch[i] = _parts.Entry(labels, first, this);
        }

        return count;
    }

    /// <inheritdoc/>
    public override void ReadSamples(in SeriesEntry series, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        if (series.Source != this) ((SeriesSet)series.Source!).ReadSamples(series, minTimeMs, maxTimeMs, columns);
        else _parts.Read(series, minTimeMs, maxTimeMs, columns);
    }

    /// <inheritdoc/>
    public override LatestSample TryReadLatest(
        in SeriesEntry series, long minTimeMs, long maxTimeMs, out FloatSample latest) => series.Source != this
        ? ((SeriesSet)series.Source!).TryReadLatest(series, minTimeMs, maxTimeMs, out latest)
        : _parts.TryReadLatest(series, minTimeMs, maxTimeMs, out latest);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var set in _sets) set.Dispose();
        base.Dispose(disposing);
    }

    private void Join(int estimate)
    {
        var lastParts = new Dictionary<Labels, int>(estimate, LabelsComparer.Instance);
        var batch = new SeriesEntry[64];
        for (var set = 0; set < _sets.Length; set++)
        {
            int count;
            while ((count = _sets[set].ReadNext(batch)) > 0)
            {
                foreach (ref readonly var entry in batch.AsSpan(0, count))
                {
                    ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(
                        lastParts, entry.Labels, out var isKnown);
                    last = isKnown ? _parts.Add(last, set, entry.Handle) : _parts.Add(set, entry.Handle);
                    if (!isKnown) _series.Add((entry.Labels, last));
                }
            }
        }
    }
}
