using System.Runtime.InteropServices;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// When series ended that were evicted as stale, by the hash of their labels. The log still has their samples: at a
/// start they are in the head again, and a sample that was taken in order meanwhile though it is older would be passed
/// over then, here and in Prometheus. So it is taken as out of order. And what is deleted of such a series has to be
/// deleted of the log as well, under the number that it had there. Not thread-safe.
/// </summary>
internal sealed class EvictedSeries
{
    private readonly Dictionary<ulong, long> _lastTimeMs = [];
    private readonly Dictionary<ulong, List<ulong>> _walRefs = [];

    /// <summary>Is there none?</summary>
    public bool IsEmpty => _lastTimeMs.Count == 0;

    /// <summary>Takes note of one that ended with a stale marker.</summary>
    public void Add(ulong hash, long lastTimeMs)
    {
        ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(_lastTimeMs, hash, out var isKnown);
        last = isKnown ? Math.Max(last, lastTimeMs) : lastTimeMs;
    }

    /// <summary>Takes note of the number that one had in the log.</summary>
    public void AddRef(ulong hash, ulong walRef)
    {
        ref var refs = ref CollectionsMarshal.GetValueRefOrAddDefault(_walRefs, hash, out _);
        (refs ??= []).Add(walRef);
    }

    /// <summary>The numbers that one had in the log when it was evicted since the start.</summary>
    public IReadOnlyList<ulong> RefsOf(ulong hash) => _walRefs.TryGetValue(hash, out var refs) ? [.. refs] : [];

    /// <summary>Makes a series without samples what it was when it was evicted, if it was.</summary>
    public void Recall(ulong hash, ref SeriesState state)
    {
        if (!_lastTimeMs.TryGetValue(hash, out var lastTimeMs)) return;
        state.DecidedTimeMs = lastTimeMs;
        state.DecidedBits = unchecked((ulong)StaleMarker.Bits);
    }

    /// <summary>Forgets those that ended before a time.</summary>
    public void RemoveBefore(long timeMs)
    {
        foreach (var (hash, lastTimeMs) in _lastTimeMs)
        {
            if (lastTimeMs >= timeMs) continue;
            _lastTimeMs.Remove(hash);
            _walRefs.Remove(hash);
        }
    }
}
