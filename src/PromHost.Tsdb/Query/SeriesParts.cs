// Hot path: queries over several blocks read samples here.
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// What several sources have of the same series. One thread adds; any thread reads what was added before.
/// </summary>
/// <param name="sets">The sources, the oldest first; the last one may be the head.</param>
/// <param name="hasHead">Is the last one the head?</param>
internal sealed class SeriesParts(SeriesSet[] sets, bool hasHead)
{
    private const int None = -1;

    private readonly ColumnRuns _runs = new();
    private Part[] _parts = new Part[64];
    private int _count;

    /// <summary>Adds the first part of a series.</summary>
    /// <param name="set">The number of its source.</param>
    /// <param name="handle">Its handle there.</param>
    /// <returns>The number of the series.</returns>
    public int Add(int set, long handle)
    {
        if (_count == _parts.Length) Array.Resize(ref _parts, _count * 2);
        _parts[_count] = new Part(set, None, handle);
        return _count++;
    }

    /// <summary>Adds a part to a series, of a source that comes behind those of its other parts.</summary>
    /// <param name="last">The number of the part added last to the series.</param>
    /// <param name="set">The number of the source.</param>
    /// <param name="handle">The handle there.</param>
    /// <returns>The number of the part.</returns>
    public int Add(int last, int set, long handle)
    {
        var added = Add(set, handle);
        _parts[last] = _parts[last] with { Next = added };
        return added;
    }

    /// <summary>The entry of a series for the caller of a set.</summary>
    public SeriesEntry Entry(Labels labels, int series, SeriesSet owner)
    {
        var part = _parts[series];
        // A series of one source is read there.
        return part.Next == None
            ? new SeriesEntry(labels, sets[part.Set], part.Handle)
            : new SeriesEntry(labels, owner, series);
    }

    /// <summary>Reads the samples of a series: <see cref="SeriesSet.ReadSamples"/>.</summary>
    public void Read(in SeriesEntry series, long minTimeMs, long maxTimeMs, SampleColumns columns)
    {
        Span<int> starts = stackalloc int[sets.Length];
        Span<int> ranks = stackalloc int[sets.Length];
        var runs = 0;
        var isAscending = true;
        for (var number = (int)series.Handle; number != None;)
        {
            var part = _parts[number];
            number = part.Next;
            var start = columns.Count;
            sets[part.Set].ReadSamples(
                new SeriesEntry(series.Labels, sets[part.Set], part.Handle), minTimeMs, maxTimeMs, columns);
            if (columns.Count == start) continue;
            if (runs > 0)
            {
                if (columns.TimestampsMs[start] <= columns.TimestampsMs[start - 1]) isAscending = false;
                columns.ForgetCounterReset(start);
            }

            starts[runs] = start;
            ranks[runs++] = hasHead && part.Set == sets.Length - 1 ? -1 : part.Set;
        }

        if (!isAscending) _runs.Merge(columns, starts[..runs], ranks[..runs]);
    }

    /// <summary>Reads the newest sample of a series: <see cref="SeriesSet.TryReadLatest"/>.</summary>
    public LatestSample TryReadLatest(
        in SeriesEntry series, long minTimeMs, long maxTimeMs, out FloatSample latest)
    {
        Span<int> parts = stackalloc int[sets.Length];
        var count = 0;
        for (var number = (int)series.Handle; number != None; number = _parts[number].Next) parts[count++] = number;

        latest = default;
        var found = LatestSample.None;
        while (count > 0)
        {
            var part = _parts[parts[--count]];
            var entry = new SeriesEntry(series.Labels, sets[part.Set], part.Handle);
            // What is behind a sample that was found would be newer.
            var fromMs = found == LatestSample.Found ? latest.TimestampMs + 1 : minTimeMs;
            if (fromMs > maxTimeMs) break;
            var answer = sets[part.Set].TryReadLatest(entry, fromMs, maxTimeMs, out var sample);
            if (answer == LatestSample.Unknown) return LatestSample.Unknown;
            if (answer == LatestSample.None) continue;
            found = LatestSample.Found;
            latest = sample;
        }

        return found;
    }

    private readonly record struct Part(int Set, int Next, long Handle);
}
