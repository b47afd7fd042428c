// Hot path: a checkpoint passes every record of the segments it replaces through it.
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Takes out of a record what a checkpoint need not carry on: series that are gone, and everything before a time. For
/// one thread at a time.
/// </summary>
/// <remarks>What cannot be read stays as it is: records of unknown types, records that are malformed.</remarks>
/// <param name="dropped">Series that are gone; nothing that is kept may need them.</param>
/// <param name="minTimeMs">Samples and exemplars before it are left out.</param>
/// <param name="tombstonesFromMs">Tombstones that end before it are left out.</param>
/// <param name="lost">Series of which samples are left out too, because their records are lost.</param>
internal sealed class WalRecordFilter(
    SeriesRefSet dropped, long minTimeMs, long tombstonesFromMs, SeriesRefSet? lost = null)
{
    private const byte NoStart = 0;
    private const byte SameStart = 1;
    private const byte ExplicitStart = 2;

    private WalSample[] _samples = [];

    /// <summary>Entries seen.</summary>
    public long Entries { get; private set; }

    /// <summary>Entries left out.</summary>
    public long DroppedEntries { get; private set; }

    /// <summary>Filters a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="kept">Receives, in place of what it holds, what is left of a record that loses a part.</param>
    public WalFilterResult Filter(ReadOnlySpan<byte> record, ByteWriter kept)
    {
        kept.Clear();
        var type = WalRecordDecoder.TypeOf(record);
        if (type == WalRecordType.Samples)
            return FilterSamples(record, kept);
        var keptCount = 0;
        var count = 0;
        var isMalformed = WalEntries.IsChained(type)
            ? !TryFilterChained(record, type, kept, out count, out keptCount)
            : !TryFilterPlain(record, type, kept, out count, out keptCount);
        return isMalformed ? WalFilterResult.Whole : Result(count, keptCount);
    }

    private WalFilterResult FilterSamples(ReadOnlySpan<byte> record, ByteWriter kept)
    {
        if (!WalRecordDecoder.TryDecodeSamples(record, ref _samples, out var count))
            return WalFilterResult.Whole;
        var keptCount = 0;
        for (var i = 0; i < count; i++)
        {
            if (_samples[i].TimestampMs >= minTimeMs && lost?.Contains(_samples[i].Ref) != true)
                _samples[keptCount++] = _samples[i];
        }

        if (keptCount > 0 && keptCount < count)
            WalRecordEncoder.Encode(_samples.AsSpan(0, keptCount), kept);
        return Result(count, keptCount);
    }

    // Entries with their own numbers, or relative to the record's base: their bytes are copied.
    private bool TryFilterPlain(
        ReadOnlySpan<byte> record, WalRecordType type, ByteWriter kept, out int count, out int keptCount)
    {
        count = 0;
        keptCount = 0;
        var entries = new WalEntries(record);
        kept.WriteBytes(record[..entries.HeaderBytes]);
        while (entries.MoveNext())
        {
            count++;
            if (!IsKept(type, entries.Ref, entries.TimeMs))
                continue;
            keptCount++;
            kept.WriteBytes(record[entries.Start..entries.End]);
        }

        return !entries.IsMalformed;
    }

    private bool TryFilterChained(
        ReadOnlySpan<byte> record, WalRecordType type, ByteWriter kept, out int count, out int keptCount)
    {
        count = 0;
        keptCount = 0;
        var entries = new WalEntries(record);
        var first = (TimeMs: 0L, StartTimeMs: 0L);
        var previous = (Ref: 0UL, StartTimeMs: 0L);
        kept.WriteByte((byte)type);
        while (entries.MoveNext())
        {
            count++;
            if (!IsKept(type, entries.Ref, entries.TimeMs))
                continue;
            kept.WriteVarint((long)(entries.Ref - previous.Ref));
            kept.WriteVarint(entries.TimeMs - first.TimeMs);
            if (keptCount++ == 0)
            {
                first = (entries.TimeMs, entries.StartTimeMs);
                kept.WriteVarint(entries.StartTimeMs);
            }
            else
            {
                WriteStart(kept, entries.StartTimeMs, first.StartTimeMs, previous.StartTimeMs);
            }

            kept.WriteBytes(record[entries.ContentStart..entries.End]);
            previous = (entries.Ref, entries.StartTimeMs);
        }

        return !entries.IsMalformed;
    }

    private static void WriteStart(ByteWriter kept, long start, long first, long previous)
    {
        if (start == 0)
        {
            kept.WriteByte(NoStart);
        }
        else if (start == previous)
        {
            kept.WriteByte(SameStart);
        }
        else
        {
            kept.WriteByte(ExplicitStart);
            kept.WriteVarint(start - first);
        }
    }

    private bool IsKept(WalRecordType type, ulong seriesRef, long timeMs) => type switch
    {
        WalRecordType.Series or WalRecordType.Metadata or WalRecordType.MmapMarkers => !dropped.Contains(seriesRef),
        WalRecordType.Tombstones => timeMs >= tombstonesFromMs && !dropped.Contains(seriesRef),
        _ => timeMs >= minTimeMs && lost?.Contains(seriesRef) != true,
    };

    private WalFilterResult Result(int count, int keptCount)
    {
        Entries += count;
        DroppedEntries += count - keptCount;
        if (keptCount == count)
            return count == 0 ? WalFilterResult.Nothing : WalFilterResult.Whole;
        return keptCount == 0 ? WalFilterResult.Nothing : WalFilterResult.Part;
    }
}
