using Microsoft.Extensions.Logging;
using PromHost.Storage;

namespace PromHost.Tsdb;

/// <summary>The damage that was found in the data directory since the start. Thread-safe.</summary>
/// <param name="logger">Told of each.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class DamageLedger(ILogger logger, TimeProvider timeProvider)
{
    /// <summary>Entries kept, the newest ones; all are counted.</summary>
    public const int MaxEntries = 256;

    private readonly Lock _lock = new();
    private readonly Queue<StorageDamage> _entries = new();
    private readonly Dictionary<string, long> _counts =
        DamageKind.All.ToDictionary(kind => kind, _ => 0L, StringComparer.Ordinal);

    /// <summary>How many were found, by <see cref="DamageKind"/>.</summary>
    public IReadOnlyList<NamedCount> CountsByKind
    {
        get
        {
            lock (_lock) return [.. DamageKind.All.Select(kind => new NamedCount(kind, _counts[kind]))];
        }
    }

    /// <summary>The newest ones, oldest first.</summary>
    public IReadOnlyList<StorageDamage> Entries
    {
        get
        {
            lock (_lock) return [.. _entries];
        }
    }

    /// <summary>Takes note of damage.</summary>
    public void Add(Damage damage)
    {
        if (damage.QuarantinedAs is { } quarantinedAs)
            TsdbLog.Damaged(logger, damage.Path, damage.StartBytes, damage.Reason, quarantinedAs);
        else
            TsdbLog.Missing(logger, damage.Path, damage.Reason);
        var kind = DamageKind.Of(damage.Path);
        lock (_lock)
        {
            _counts[kind]++;
            if (_entries.Count == MaxEntries) _entries.Dequeue();
            _entries.Enqueue(new StorageDamage(
                kind, damage.Path, damage.StartBytes, damage.Reason, timeProvider.GetUtcNow(), damage.QuarantinedAs));
        }
    }

    /// <summary>How many were found of one kind.</summary>
    public long CountOf(string kind)
    {
        lock (_lock) return _counts[kind];
    }

    /// <summary>Takes note of several.</summary>
    public void Add(IEnumerable<Damage> damages)
    {
        foreach (var damage in damages) Add(damage);
    }
}
