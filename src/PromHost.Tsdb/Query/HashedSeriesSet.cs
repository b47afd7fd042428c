// Hot path: queries over several blocks find their series here.
using System.Runtime.InteropServices;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>The series of several sources, joined by their labels, in no particular order.</summary>
internal sealed class HashedSeriesSet : JoinedSeriesSet
{
    // The entries of a list and of a hash table, and those of the parts, which grow by half of themselves on average.
    private const long SeriesBytes = 48;
    private const long PartBytes = 24;

    private readonly List<(Labels Labels, int First)> _series;
    private int _next;

    /// <summary>Reads and joins the series of all sources.</summary>
    /// <param name="sets">The sources, the oldest first; disposed with this one.</param>
    /// <param name="hasHead">Is the last one the head?</param>
    /// <param name="watch">When to give up.</param>
    /// <exception cref="StorageReadException">A source is damaged.</exception>
    public HashedSeriesSet(SeriesSet[] sets, bool hasHead, ReadWatch? watch = null)
        : base(sets, hasHead)
    {
        var estimate = sets.Max(set => set.CountEstimate);
        watch?.Hold(estimate * SeriesBytes);
        _series = new List<(Labels, int)>(estimate);
        Join(sets, estimate, watch);
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
            batch[i] = Parts.Entry(labels, first, this);
        }

        return count;
    }

    private void Join(SeriesSet[] sets, int estimate, ReadWatch? watch)
    {
        var lastParts = new Dictionary<Labels, int>(estimate, LabelsComparer.Instance);
        var batch = new SeriesEntry[64];
        var held = estimate;
        for (var set = 0; set < sets.Length; set++)
        {
            int count;
            while ((count = sets[set].ReadNext(batch)) > 0)
            {
                watch?.Check(0);
                watch?.Hold((count * PartBytes) + (Math.Max(0, _series.Count + count - held) * SeriesBytes));
                held = Math.Max(held, _series.Count + count);
                foreach (ref readonly var entry in batch.AsSpan(0, count))
                {
                    ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(
                        lastParts, entry.Labels, out var isKnown);
                    last = isKnown ? Parts.Add(last, set, entry.Handle) : Parts.Add(set, entry.Handle);
                    if (!isKnown) _series.Add((entry.Labels, last));
                }
            }
        }
    }
}
