using PromHost.Model;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>
/// The newest metadata of each family, in memory. A family is carried by one of its series: in the WAL its metadata
/// stands under that series' number. One without series waits for its first one. The committer writes, any thread
/// reads.
/// </summary>
/// <remarks>
/// Bounded, whatever senders tell: by the bytes of all texts, and by the number of families that wait; the one that has
/// waited longest is forgotten for a new one. A family goes with its last series (<see cref="Sweep"/>).
/// </remarks>
internal sealed class MetadataStore(int maxWaiting = 20_000, long maxBytes = 64 << 20) : IMetadataSource
{
    // An entry of the dictionary, its objects and its place in the queue.
    private const int BytesPerFamily = 300;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    // In the order of waiting; families that wait no longer are passed over.
    private readonly Queue<MetricFamily> _queue = new();
    private readonly List<MetricFamily> _owed = [];
    private int _waitingCount;
    private long _sizeBytes;
    private long _dropped;

    /// <summary>The number of families.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _families.Count;
        }
    }

    /// <summary>Families without a series.</summary>
    public int WaitingCount => Volatile.Read(ref _waitingCount);

    /// <summary>Memory of all of it, in bytes, roughly.</summary>
    public long SizeBytes => Volatile.Read(ref _sizeBytes);

    /// <summary>Families that were told and not kept, because there were too many.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Are there families whose metadata must be logged again, on another series?</summary>
    public bool IsOwing
    {
        get
        {
            lock (_lock) return _owed.Count > 0;
        }
    }

    /// <summary>Takes out of a list what is known already: senders repeat themselves every minute.</summary>
    public void RemoveKnown(List<KeyValuePair<string, MetricMetadata>> told)
    {
        if (told.Count == 0) return;
        lock (_lock)
        {
            told.RemoveAll(entry =>
                _families.TryGetValue(entry.Key, out var family) && family.Metadata == entry.Value);
        }
    }

    /// <summary>A family, or null. The committer alone may use what it holds.</summary>
    public MetricFamily? Find(string name)
    {
        lock (_lock) return _families.GetValueOrDefault(name);
    }

    /// <summary>The families to be logged again; the list is the caller's.</summary>
    public List<MetricFamily> TakeOwed()
    {
        lock (_lock)
        {
            List<MetricFamily> owed = [.. _owed.Where(family => family.Carrier.Series == 0 && IsHeld(family))];
            _owed.Clear();
            return owed;
        }
    }

    /// <summary>Gives back a family of <see cref="TakeOwed"/> that could not be logged.</summary>
    public void OweAgain(string name)
    {
        lock (_lock)
        {
            if (_families.TryGetValue(name, out var family) && !family.IsWaiting && family.Carrier.Series == 0)
                _owed.Add(family);
        }
    }

    /// <summary>Sets the metadata of a family.</summary>
    /// <param name="name">The family.</param>
    /// <param name="metadata">What is known of it.</param>
    /// <param name="carrier">The series that carries it in the WAL; default: none yet.</param>
    public void Set(string name, MetricMetadata metadata, FamilyCarrier carrier)
    {
        lock (_lock)
        {
            if (!_families.TryGetValue(name, out var family))
            {
                if (!TryMakeRoom(SizeOf(name, metadata), carrier.Series == 0)) return;
                family = new MetricFamily(name);
                _families.Add(name, family);
                _sizeBytes += SizeOf(name, metadata);
                if (carrier.Series == 0) Wait(family);
            }
            else
            {
                _sizeBytes += SizeOf(name, metadata) - SizeOf(name, family.Metadata);
                if (family.IsWaiting && carrier.Series != 0) _waitingCount--;
                if (carrier.Series != 0) family.IsWaiting = false;
            }

            family.Metadata = metadata;
            if (carrier.Series != 0) family.Carrier = carrier;
        }
    }

    /// <summary>
    /// After series were dropped: forgets families without any, and has those whose carrier is gone logged again. For
    /// the committer, before the log loses what it holds of the dropped series.
    /// </summary>
    public void Sweep(Head head)
    {
        var epoch = head.Epochs.Enter();
        try
        {
            lock (_lock) SweepLocked(head);
        }
        finally
        {
            head.Epochs.Leave(epoch);
        }
    }

    /// <summary>What is known of the families that the WAL has, with their carriers.</summary>
    public IReadOnlyList<(string Family, MetricMetadata Metadata, FamilyCarrier Carrier)> ListCarried()
    {
        lock (_lock)
        {
            return
            [
                .. _families.Values.Where(family => family.Carrier.Series != 0)
                    .Select(family => (family.Name, family.Metadata, family.Carrier)),
            ];
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<MetricMetadata>>> GetMetadata(string? family = null)
    {
        lock (_lock)
        {
            if (family is null) return [.. _families.Values.Select(Entry)];
            return _families.TryGetValue(family, out var found) ? [Entry(found)] : [];
        }
    }

    private static KeyValuePair<string, IReadOnlyList<MetricMetadata>> Entry(MetricFamily family) =>
        new(family.Name, [family.Metadata]);

    private static int SizeOf(string name, MetricMetadata metadata) =>
        BytesPerFamily + (sizeof(char) * (name.Length + metadata.Help.Length + metadata.Unit.Length));

    private bool IsHeld(MetricFamily family) =>
        _families.TryGetValue(family.Name, out var held) && ReferenceEquals(held, family);

    private void SweepLocked(Head head)
    {
        List<MetricFamily> gone = [];
        foreach (var family in _families.Values)
        {
            if (family.IsWaiting || family.Carrier.IsIn(head)) continue;
            family.Carrier = default;
            (FamilyCarrier.Find(head, family.Name).Series == 0 ? gone : _owed).Add(family);
        }

        foreach (var family in gone) Remove(family);
    }

    private bool TryMakeRoom(int sizeBytes, bool waits)
    {
        while (_sizeBytes + sizeBytes > maxBytes || (waits && _waitingCount >= maxWaiting))
        {
            Volatile.Write(ref _dropped, _dropped + 1);
            if (!TryForgetOldest()) return false;
        }

        return true;
    }

    private bool TryForgetOldest()
    {
        while (_queue.TryDequeue(out var family))
        {
            if (!family.IsWaiting || !IsHeld(family)) continue;
            Remove(family);
            return true;
        }

        return false;
    }

    private void Wait(MetricFamily family)
    {
        family.IsWaiting = true;
        _waitingCount++;
        _queue.Enqueue(family);
        if (_queue.Count <= 4 * maxWaiting) return;
        List<MetricFamily> waiting = [.. _queue.Where(queued => queued.IsWaiting && IsHeld(queued))];
        _queue.Clear();
        foreach (var queued in waiting) _queue.Enqueue(queued);
    }

    private void Remove(MetricFamily family)
    {
        _families.Remove(family.Name);
        _sizeBytes -= SizeOf(family.Name, family.Metadata);
        if (family.IsWaiting) _waitingCount--;
    }
}
