using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Logs all series of the head once more, after damage has taken records from the log that the head image shows: what
/// is appended to them must find its series in the log. Before there is a committer.
/// </summary>
internal static class SeriesRelog
{
    private const int MaxRecordSeries = 4096;

    /// <summary>Logs them.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="IOException">The log cannot be written.</exception>
    public static int Run(Head head, WalWriter wal)
    {
        var records = new List<WalSeries>();
        var count = 0;
        using var buffer = new ByteWriter(64 * 1024);
        var ordinals = head.Index.Ordinals;
        for (var ordinal = 1; ordinals.TryFindFrom(ref ordinal, ordinals.Last, out var series); ordinal++)
        {
            records.Add(new WalSeries(head.Store.State(series).WalRef, head.Table.MakeLabels(series)));
            if (records.Count == MaxRecordSeries) Write();
        }

        if (records.Count > 0) Write();
        return count;

        void Write()
        {
            buffer.Clear();
            WalRecordEncoder.Encode([.. records], buffer);
            wal.Append(buffer.WrittenSpan);
            wal.Flush();
            count += records.Count;
            records.Clear();
        }
    }
}
