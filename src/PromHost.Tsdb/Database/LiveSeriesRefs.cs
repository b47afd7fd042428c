namespace PromHost.Tsdb;

/// <summary>The refs, as the log has them, of the series in memory at one moment.</summary>
internal static class LiveSeriesRefs
{
    /// <summary>Collects them. Any thread's; series made meanwhile may or may not be among them.</summary>
    /// <exception cref="PromHost.Storage.StorageUnavailableException">The storage is closing.</exception>
    public static SeriesRefSet Collect(Head head)
    {
        var refs = new SeriesRefSet();
        var ordinals = head.Index.Ordinals;
        var epoch = head.Epochs.Enter();
        try
        {
            foreach (var other in head.OutOfOrder.OtherRefs) refs.Add(other);
            for (var ordinal = 1; ordinals.TryFindFrom(ref ordinal, ordinals.Last, out var series); ordinal++)
                refs.Add(head.Store.State(series).WalRef);
        }
        finally
        {
            head.Epochs.Leave(epoch);
        }

        return refs;
    }
}
