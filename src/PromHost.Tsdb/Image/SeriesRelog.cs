using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Logs the series of the head once more that the log has lost, after damage has taken records from it that the head
/// image shows: what is appended to them must find its series in the log. Before there is a committer.
/// </summary>
/// <remarks>
/// Not the others: a Prometheus takes it that what it has read of a series lies in a block when its record comes again,
/// and forgets it.
/// </remarks>
internal static class SeriesRelog
{
    private const int MaxRecordSeries = 4096;
    private const int NotSeries = ~(1 << (int)WalRecordType.Series);

    /// <summary>Logs them.</summary>
    /// <param name="head">The head.</param>
    /// <param name="directory">The data directory, its log repaired.</param>
    /// <param name="walPath">The log's directory in it.</param>
    /// <param name="wal">Appends to it.</param>
    /// <returns>How many.</returns>
    /// <exception cref="IOException">The log cannot be read or written.</exception>
    public static int Run(Head head, IDataDirectory directory, string walPath, WalWriter wal)
    {
        var logged = ReadNumbers(directory, walPath);
        var records = new List<WalSeries>();
        var count = 0;
        using var buffer = new ByteWriter(64 * 1024);
        var ordinals = head.Index.Ordinals;
        for (var ordinal = 1; ordinals.TryFindFrom(ref ordinal, ordinals.Last, out var series); ordinal++)
        {
            var walRef = head.Store.State(series).WalRef;
            if (logged.Contains(walRef)) continue;
            records.Add(new WalSeries(walRef, head.Table.MakeLabels(series)));
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

    private static SeriesRefSet ReadNumbers(IDataDirectory directory, string walPath)
    {
        var numbers = new SeriesRefSet();
        using var log = new WalReader(directory, WalSegments.ListForReplay(directory, walPath))
        {
            PassedOverTypes = NotSeries,
        };
        while (log.TryRead(out var record))
        {
            if (WalRecordDecoder.TypeOf(record) != WalRecordType.Series) continue;
            var entries = new WalEntries(record);
            while (entries.MoveNext()) numbers.Add(entries.Ref);
        }

        return numbers;
    }
}
