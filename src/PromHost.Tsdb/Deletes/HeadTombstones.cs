namespace PromHost.Tsdb;

/// <summary>
/// What is deleted of the head, by the numbers that series have in the log: they are never given twice. Thread-safe;
/// who reads takes <see cref="Current"/> once.
/// </summary>
internal sealed class HeadTombstones
{
    private readonly Lock _lock = new();
    private Tombstones _current = Tombstones.None;

    /// <summary>What is deleted now.</summary>
    public Tombstones Current => Volatile.Read(ref _current);

    /// <summary>Adds deleted ranges, which the log has.</summary>
    public void Add(IReadOnlyList<WalTombstone> added)
    {
        if (added.Count == 0) return;
        lock (_lock)
        {
            var builder = new TombstonesBuilder(_current);
            foreach (var tombstone in added)
            {
                builder.Add(
                    tombstone.Ref, new TimeInterval(tombstone.MinTimestampMs, tombstone.MaxTimestampMs));
            }

            Volatile.Write(ref _current, builder.Build());
        }
    }

    /// <summary>Forgets what ends before a time: the head has no samples of it any more.</summary>
    public void RemoveBefore(long timeMs)
    {
        lock (_lock)
        {
            if (_current.IsEmpty) return;
            var builder = new TombstonesBuilder(_current);
            builder.RemoveBefore(timeMs);
            Volatile.Write(ref _current, builder.Build());
        }
    }
}
