namespace PromHost.Tsdb;

/// <summary>The refs, as the log has them, of the series in memory at one moment.</summary>
internal static class LiveSeriesRefs
{
    /// <summary>Collects them. Any thread's; series made meanwhile may or may not be among them.</summary>
    public static SeriesRefSet Collect(Head head)
    {
        var refs = new SeriesRefSet();
        var count = head.Table.Count;
        for (var series = 1; series <= count; series++)
            refs.Add(head.Store.State(series).WalRef);
        return refs;
    }
}
