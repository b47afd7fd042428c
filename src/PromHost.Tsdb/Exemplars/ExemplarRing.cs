using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The newest exemplars, a fixed number over all series (Prometheus: <c>CircularExemplarStorage</c>): a new one takes
/// the place of the one that came first. Those of a series are linked in the order of their times. The committer adds,
/// any thread reads.
/// </summary>
internal sealed class ExemplarRing : IExemplarSource
{
    /// <summary>The most characters that names and values of an exemplar may have together (OpenMetrics).</summary>
    public const int MaxLabelChars = 128;

    private const int None = -1;

    private readonly Lock _lock = new();
    private readonly int _capacity;
    private readonly long _outOfOrderWindowMs;
    private readonly Dictionary<Labels, int> _index = [];
    private readonly ByteRing _labels = new();
    private readonly Stack<int> _freeSeries = new();
    private Entry[] _entries = [];
    private SeriesEntry[] _series = [];
    private int _seriesCount;
    private int _next;
    private int _count;
    private long _seriesBytes;

    /// <summary>Makes a ring.</summary>
    /// <param name="capacity">The exemplars that it holds; 0 or less: it takes none.</param>
    /// <param name="outOfOrderWindowMs">How much older than its series' newest an exemplar may be.</param>
    public ExemplarRing(int capacity, long outOfOrderWindowMs)
    {
        _capacity = Math.Max(0, capacity);
        _outOfOrderWindowMs = Math.Max(0, outOfOrderWindowMs);
    }

    /// <summary>Are exemplars kept?</summary>
    public bool IsEnabled => _capacity > 0;

    /// <summary>The exemplars that it can hold.</summary>
    public int Capacity => _capacity;

    /// <summary>The exemplars that it holds.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Series that have exemplars in it.</summary>
    public int SeriesCount
    {
        get
        {
            lock (_lock) return _index.Count;
        }
    }

    /// <summary>Exemplars added so far.</summary>
    public long Appended { get; private set; }

    /// <summary>Exemplars refused for their order so far.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>Timestamp of the one that goes next; 0 without any.</summary>
    public long OldestTimeMs
    {
        get
        {
            lock (_lock) return _count == 0 ? 0 : _entries[_count < _capacity ? 0 : _next].TimestampMs;
        }
    }

    /// <summary>Memory of all of it, in bytes.</summary>
    public long SizeBytes
    {
        get
        {
            lock (_lock)
            {
                return _labels.SizeBytes + _seriesBytes + ((long)_entries.Length * Marshal.SizeOf<Entry>()) +
                    ((long)_series.Length * (sizeof(int) * 2 + IntPtr.Size));
            }
        }
    }

    /// <summary>What would become of an exemplar; the order counts against what is stored.</summary>
    public ExemplarOutcome Check(Labels series, Exemplar exemplar)
    {
        if (!IsEnabled) return ExemplarOutcome.Disabled;
        lock (_lock) return Check(_index.GetValueOrDefault(series, None), exemplar);
    }

    /// <summary>Adds an exemplar, unless it is refused.</summary>
    /// <param name="series">Its series; its bytes are kept.</param>
    /// <param name="exemplar">The exemplar; copied.</param>
    public ExemplarOutcome Add(Labels series, Exemplar exemplar)
    {
        if (!IsEnabled) return ExemplarOutcome.Disabled;
        lock (_lock)
        {
            var number = _index.GetValueOrDefault(series, None);
            var outcome = Check(number, exemplar);
            // One of an older time is taken to be the same as any other of that time: comparing all of a native
            // histogram's would take long.
            if (outcome == ExemplarOutcome.Stored && number != None && IsBehind(number, exemplar.TimestampMs) &&
                Predecessor(number, exemplar.TimestampMs) is not None and var before &&
                _entries[before].TimestampMs == exemplar.TimestampMs)
                outcome = ExemplarOutcome.AlreadyStored;
            if (outcome == ExemplarOutcome.OutOfOrder) OutOfOrder++;
            if (outcome == ExemplarOutcome.Stored) Insert(number, series, exemplar);
            return outcome;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<SeriesExemplars> SelectExemplars(
        long minTimeMs, long maxTimeMs, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors)
    {
        var found = new List<SeriesExemplars>();
        lock (_lock)
        {
            foreach (var (labels, number) in _index)
            {
                if (_entries[_series[number].Oldest].TimestampMs > maxTimeMs ||
                    _entries[_series[number].Newest].TimestampMs < minTimeMs || !MatchesAny(labels, selectors))
                    continue;
                var exemplars = Read(number, minTimeMs, maxTimeMs);
                if (exemplars.Count > 0) found.Add(new SeriesExemplars(labels, exemplars));
            }
        }

        found.Sort((a, b) => a.Labels.CompareTo(b.Labels));
        return found;
    }

    /// <summary>All exemplars with their series, in the order in which they came.</summary>
    public List<(Labels Series, Exemplar Exemplar)> ToList()
    {
        lock (_lock)
        {
            var all = new List<(Labels, Exemplar)>(_count);
            var first = _count < _capacity ? 0 : _next;
            for (var i = 0; i < _count; i++)
            {
                var slot = (first + i) % _capacity;
                all.Add((_series[_entries[slot].Series].Labels, Make(_entries[slot])));
            }

            return all;
        }
    }

    /// <summary>Reads some of the exemplars that were added until a moment and are still kept.</summary>
    /// <param name="from">The number of the first one wanted; moved behind the last one read.</param>
    /// <param name="until">
    /// <see cref="Appended"/> of the moment: the exemplars have numbers from 0 in the order in which they came.
    /// </param>
    /// <param name="most">The most to read.</param>
    /// <param name="found">Receives them.</param>
    /// <returns>False when there are no more.</returns>
    public bool TryCopy(ref long from, long until, int most, List<(Labels Series, Exemplar Exemplar)> found)
    {
        lock (_lock)
        {
            var oldest = Appended - _count;
            from = Math.Max(from, oldest);
            var end = Math.Min(until, from + most);
            var first = _count < _capacity ? 0 : _next;
            for (; from < end; from++)
            {
                ref readonly var entry = ref _entries[(int)((first + from - oldest) % _capacity)];
                found.Add((_series[entry.Series].Labels, Make(entry)));
            }

            return from < until;
        }
    }

    private static bool MatchesAny(Labels labels, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors)
    {
        foreach (var matchers in selectors)
        {
            if (matchers.All(matcher => matcher.Matches(labels.Get(matcher.NameUtf8.Span)))) return true;
        }

        return false;
    }

    private static int CountChars(Labels labels)
    {
        var chars = 0;
        foreach (var label in labels) chars += CountChars(label.Name) + CountChars(label.Value);
        return chars;
    }

    // As Go counts: a byte that is not UTF-8 is a character.
    private static int CountChars(ReadOnlySpan<byte> utf8)
    {
        var chars = 0;
        for (; !utf8.IsEmpty; chars++)
        {
            var status = Rune.DecodeFromUtf8(utf8, out _, out var size);
            utf8 = utf8[(status == OperationStatus.Done ? size : 1)..];
        }

        return chars;
    }

    private List<Exemplar> Read(int number, long minTimeMs, long maxTimeMs)
    {
        var exemplars = new List<Exemplar>();
        for (var slot = _series[number].Oldest; slot != None; slot = _entries[slot].Next)
        {
            ref readonly var entry = ref _entries[slot];
            if (entry.TimestampMs > maxTimeMs) break;
            if (entry.TimestampMs >= minTimeMs) exemplars.Add(Make(entry));
        }

        return exemplars;
    }

    private Exemplar Make(Entry entry) => new(
        Labels.FromEncoded(_labels.Get(entry.LabelsPlace, entry.LabelsLength).ToArray()),
        entry.TimestampMs,
        entry.Value,
        entry.HasOwnTimestamp);

    private ExemplarOutcome Check(int number, Exemplar exemplar)
    {
        if (CountChars(exemplar.Labels) > MaxLabelChars) return ExemplarOutcome.LabelsTooLong;
        if (number == None) return ExemplarOutcome.Stored;
        ref readonly var newest = ref _entries[_series[number].Newest];
        var labels = _labels.Get(newest.LabelsPlace, newest.LabelsLength);
        var isSameTime = exemplar.TimestampMs == newest.TimestampMs;
        var timeCounts = exemplar.HasOwnTimestamp || newest.HasOwnTimestamp;
        if (labels.SequenceEqual(exemplar.Labels.Encoded) && exemplar.Value == newest.Value &&
            (isSameTime || !timeCounts))
            return ExemplarOutcome.AlreadyStored;
        if (exemplar.TimestampMs < newest.TimestampMs)
        {
            return exemplar.TimestampMs <= newest.TimestampMs - _outOfOrderWindowMs
                ? ExemplarOutcome.OutOfOrder
                : ExemplarOutcome.Stored;
        }

        // Those of one time come by value, then by the hash of their labels: so a repetition is seen at once.
        var isBehind = isSameTime && (exemplar.Value < newest.Value ||
            (exemplar.Value == newest.Value &&
                exemplar.Labels.StableHash() < Make(newest).Labels.StableHash()));
        return isBehind ? ExemplarOutcome.OutOfOrder : ExemplarOutcome.Stored;
    }

    private bool IsBehind(int number, long timestampMs) =>
        timestampMs < _entries[_series[number].Newest].TimestampMs;

    // The newest exemplar of a series that is not newer than a time.
    private int Predecessor(int number, long timestampMs)
    {
        var slot = _series[number].Newest;
        while (slot != None && _entries[slot].TimestampMs > timestampMs) slot = _entries[slot].Previous;
        return slot;
    }

    private void Insert(int number, Labels labels, Exemplar exemplar)
    {
        if (number == None) number = AddSeries(labels);
        if (_count == _capacity) Evict(_next, keep: number);
        else if (_entries.Length == _count) Array.Resize(ref _entries, (int)Math.Min(_capacity, (_count * 2L) + 256));
        var before = Predecessor(number, exemplar.TimestampMs);
        ref var series = ref _series[number];
        ref var entry = ref _entries[_next];
        entry.TimestampMs = exemplar.TimestampMs;
        entry.Value = exemplar.Value;
        entry.HasOwnTimestamp = exemplar.HasOwnTimestamp;
        entry.LabelsPlace = _labels.Add(exemplar.Labels.Encoded);
        entry.LabelsLength = exemplar.Labels.Encoded.Length;
        entry.Series = number;
        entry.Previous = before;
        entry.Next = before == None ? series.Oldest : _entries[before].Next;
        if (entry.Next == None) series.Newest = _next;
        else _entries[entry.Next].Previous = _next;
        if (before == None) series.Oldest = _next;
        else _entries[before].Next = _next;
        _next = (_next + 1) % _capacity;
        Volatile.Write(ref _count, Math.Min(_count + 1, _capacity));
        Appended++;
    }

    // Takes the exemplar of a slot out of its series; a series without any goes, but for the one to be kept.
    private void Evict(int slot, int keep)
    {
        ref readonly var entry = ref _entries[slot];
        ref var series = ref _series[entry.Series];
        if (entry.Previous == None) series.Oldest = entry.Next;
        else _entries[entry.Previous].Next = entry.Next;
        if (entry.Next == None) series.Newest = entry.Previous;
        else _entries[entry.Next].Previous = entry.Previous;
        _labels.DropBefore(entry.LabelsPlace + entry.LabelsLength);
        if (series.Oldest != None || entry.Series == keep) return;
        _index.Remove(series.Labels);
        _seriesBytes -= series.Labels.Encoded.Length;
        series.Labels = default;
        _freeSeries.Push(entry.Series);
    }

    private int AddSeries(Labels labels)
    {
        if (!_freeSeries.TryPop(out var number))
        {
            number = _seriesCount++;
            if (number == _series.Length) Array.Resize(ref _series, Math.Max(16, number * 2));
        }

        _series[number] = new SeriesEntry { Labels = labels, Oldest = None, Newest = None };
        _index.Add(labels, number);
        _seriesBytes += labels.Encoded.Length;
        return number;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public long TimestampMs;
        public double Value;
        public long LabelsPlace;
        public int LabelsLength;
        public int Series;
        public int Next;
        public int Previous;
        [MarshalAs(UnmanagedType.I1)]
        public bool HasOwnTimestamp;
    }

    private struct SeriesEntry
    {
        public Labels Labels;
        public int Oldest;
        public int Newest;
    }
}
