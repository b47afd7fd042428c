namespace PromHost.Tsdb;

/// <summary>
/// Finds the series records that a checkpoint may leave out: those of series that are gone, and of which nothing is
/// left in the log.
/// </summary>
/// <remarks>
/// That a series is gone does not say that its ref is unused. One that went and came again has two refs in the log;
/// after a restart only the older one is in memory, and samples of the last hours still name the other. So the log
/// itself is asked.
/// </remarks>
internal static class WalNeededRefs
{
    private const int NotSeries = ~(1 << (int)WalRecordType.Series);

    /// <summary>Runs it.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="segments">
    /// What the checkpoint stands for (the older checkpoint and segments), and the segments that follow.
    /// </param>
    /// <param name="kept">What the log must hold.</param>
    /// <param name="cancellationToken">Ends it between two records.</param>
    /// <returns>The refs that nothing needs.</returns>
    public static SeriesRefSet FindUnneeded(
        IDataDirectory directory,
        (IReadOnlyList<WalSegment> Replaced, IReadOnlyList<WalSegment> Later) segments,
        WalKept kept,
        CancellationToken cancellationToken)
    {
        var unneeded = new SeriesRefSet();
        using (var reader = new WalReader(directory, segments.Replaced) { PassedOverTypes = NotSeries })
        {
            while (reader.TryRead(out var record))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (WalRecordDecoder.TypeOf(record) == WalRecordType.Series)
                    AddGone(record, kept.IsAlive, unneeded);
            }
        }

        var samples = Array.Empty<WalSample>();
        RemoveUsed(segments.Replaced, isLater: false);
        RemoveUsed(segments.Later, isLater: true);
        return unneeded;

        void RemoveUsed(IReadOnlyList<WalSegment> of, bool isLater)
        {
            using var reader = new WalReader(directory, of)
            {
                PassedOverTypes = 1 << (int)WalRecordType.Series,
            };
            while (unneeded.Count > 0 && reader.TryRead(out var record))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (WalRecordDecoder.TypeOf(record) == WalRecordType.Samples)
                    RemoveSampled(record, ref samples, kept.MinTimeMs, unneeded);
                else
                    RemoveNamed(record, kept.MinTimeMs, isLater, unneeded);
            }
        }
    }

    private static void AddGone(ReadOnlySpan<byte> record, Func<ulong, bool> isAlive, SeriesRefSet gone)
    {
        var entries = new WalEntries(record);
        while (entries.MoveNext())
        {
            if (!isAlive(entries.Ref))
                gone.Add(entries.Ref);
        }
    }

    private static void RemoveSampled(
        ReadOnlySpan<byte> record, ref WalSample[] samples, long minTimeMs, SeriesRefSet unneeded)
    {
        // A malformed record is carried on as it is, so that what it names is needed whenever it was.
        var isWhole = WalRecordDecoder.TryDecodeSamples(record, ref samples, out var count);
        foreach (ref readonly var sample in samples.AsSpan(0, count))
        {
            if (sample.TimestampMs >= minTimeMs || !isWhole)
                unneeded.Remove(sample.Ref);
        }
    }

    // Tombstones and metadata need their series only where they stay as they are.
    private static void RemoveNamed(ReadOnlySpan<byte> record, long minTimeMs, bool isLater, SeriesRefSet unneeded)
    {
        var type = WalRecordDecoder.TypeOf(record);
        if (type is WalRecordType.Series)
            return;
        if (!isLater && type is WalRecordType.Tombstones or WalRecordType.Metadata)
            return;
        var entries = new WalEntries(record);
        while (entries.MoveNext())
        {
            if (entries.TimeMs >= minTimeMs)
                unneeded.Remove(entries.Ref);
        }
    }
}
