using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb.Tests;

/// <summary>Records of every type with random entries, written by a writer of the tests' own.</summary>
internal static class WalTestRecords
{
    public const int CustomBucketsSchema = -53;

    /// <summary>The types whose entries have a series and a time.</summary>
    public static readonly WalRecordType[] Timed =
    [
        WalRecordType.Samples,
        WalRecordType.Exemplars,
        WalRecordType.Histograms,
        WalRecordType.FloatHistograms,
        WalRecordType.CustomBucketsHistograms,
        WalRecordType.CustomBucketsFloatHistograms,
        WalRecordType.SamplesV2,
        WalRecordType.HistogramsV2,
        WalRecordType.FloatHistogramsV2,
    ];

    /// <summary>An entry; what stands behind ref and times is opaque.</summary>
    public readonly record struct Entry(ulong Ref, long TimeMs, long StartMs, byte[] Content);

    public static Entry[] RandomEntries(Random random, WalRecordType type, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new Entry(
            (ulong)random.NextInt64(1, 1L << random.Next(2, 30)),
            random.NextInt64(-1000, 1000),
            WalEntries.IsChained(type) && random.Next(3) > 0 ? random.Next(3) : 0,
            RandomContent(random, type)))];

    public static byte[] Encode(WalRecordType type, IReadOnlyList<Entry> entries)
    {
        using var writer = new ByteWriter();
        writer.WriteByte((byte)type);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            if (WalEntries.IsChained(type))
            {
                WriteChained(writer, entries, i);
            }
            else
            {
                if (i == 0)
                {
                    writer.WriteUInt64(entry.Ref);
                    writer.WriteInt64(entry.TimeMs);
                }

                writer.WriteVarint((long)(entry.Ref - entries[0].Ref));
                writer.WriteVarint(entry.TimeMs - entries[0].TimeMs);
            }

            writer.WriteBytes(entry.Content);
        }

        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The entries of a record as the walker finds them; null at bad bytes.</summary>
    public static List<Entry>? Walk(ReadOnlySpan<byte> record)
    {
        var entries = new WalEntries(record);
        var found = new List<Entry>();
        while (entries.MoveNext())
        {
            found.Add(new Entry(
                entries.Ref, entries.TimeMs, entries.StartTimeMs, record[entries.ContentStart..entries.End].ToArray()));
        }

        return entries.IsMalformed ? null : found;
    }

    public static byte[] Series(params (ulong Ref, Labels Labels)[] series)
    {
        using var writer = new ByteWriter();
        WalRecordEncoder.Encode([.. series.Select(s => new WalSeries(s.Ref, s.Labels))], writer);
        return writer.WrittenSpan.ToArray();
    }

    public static byte[] Samples(params (ulong Ref, long TimeMs, double Value)[] samples)
    {
        using var writer = new ByteWriter();
        WalRecordEncoder.Encode([.. samples.Select(s => new WalSample(s.Ref, s.TimeMs, s.Value))], writer);
        return writer.WrittenSpan.ToArray();
    }

    public static byte[] Metadata(params (ulong Ref, string Help)[] metadata)
    {
        using var writer = new ByteWriter();
        WalRecordEncoder.Encode([.. metadata.Select(m => new WalMetadata(m.Ref, 1, "", m.Help))], writer);
        return writer.WrittenSpan.ToArray();
    }

    public static byte[] Tombstones(params (ulong Ref, long MinMs, long MaxMs)[] tombstones)
    {
        using var writer = new ByteWriter();
        writer.WriteByte((byte)WalRecordType.Tombstones);
        foreach (var (seriesRef, min, max) in tombstones)
        {
            writer.WriteUInt64(seriesRef);
            writer.WriteVarint(min);
            writer.WriteVarint(max);
        }

        return writer.WrittenSpan.ToArray();
    }

    private static void WriteChained(ByteWriter writer, IReadOnlyList<Entry> entries, int index)
    {
        var entry = entries[index];
        if (index == 0)
        {
            writer.WriteVarint((long)entry.Ref);
            writer.WriteVarint(entry.TimeMs);
            writer.WriteVarint(entry.StartMs);
            return;
        }

        writer.WriteVarint((long)(entry.Ref - entries[index - 1].Ref));
        writer.WriteVarint(entry.TimeMs - entries[0].TimeMs);
        if (entry.StartMs == 0)
        {
            writer.WriteByte(0);
        }
        else if (entry.StartMs == entries[index - 1].StartMs)
        {
            writer.WriteByte(1);
        }
        else
        {
            writer.WriteByte(2);
            writer.WriteVarint(entry.StartMs - entries[0].StartMs);
        }
    }

    private static byte[] RandomContent(Random random, WalRecordType type)
    {
        using var writer = new ByteWriter();
        switch (type)
        {
            case WalRecordType.Samples or WalRecordType.SamplesV2:
                writer.WriteDouble(random.NextDouble());
                break;
            case WalRecordType.Exemplars:
                writer.WriteDouble(random.NextDouble());
                writer.WriteUvarint(1);
                writer.WriteUvarintBytes("trace_id"u8);
                writer.WriteUvarintBytes(new byte[random.Next(40)]);
                break;
            default:
                WriteHistogram(writer, random, type);
                break;
        }

        return writer.WrittenSpan.ToArray();
    }

    private static void WriteHistogram(ByteWriter writer, Random random, WalRecordType type)
    {
        var isFloat = type is WalRecordType.FloatHistograms or WalRecordType.CustomBucketsFloatHistograms
            or WalRecordType.FloatHistogramsV2;
        var isCustom = type is WalRecordType.CustomBucketsHistograms or WalRecordType.CustomBucketsFloatHistograms
            || (WalEntries.IsChained(type) && random.Next(2) == 0);
        writer.WriteByte((byte)random.Next(4));
        writer.WriteVarint(isCustom ? CustomBucketsSchema : random.Next(-4, 9));
        writer.WriteDouble(random.NextDouble());
        for (var i = 0; i < 2; i++)
        {
            if (isFloat) writer.WriteDouble(random.NextDouble());
            else writer.WriteUvarint((ulong)random.Next(100_000));
        }

        writer.WriteDouble(random.NextDouble());
        for (var side = 0; side < 2; side++) WriteSpans(writer, random);
        for (var side = 0; side < 2; side++) WriteBuckets(writer, random, isFloat);
        if (isCustom) WriteBuckets(writer, random, isFloat: true);
    }

    private static void WriteSpans(ByteWriter writer, Random random)
    {
        var count = random.Next(4);
        writer.WriteUvarint((ulong)count);
        for (var i = 0; i < count; i++)
        {
            writer.WriteVarint(random.Next(-300, 300));
            writer.WriteUvarint((ulong)random.Next(300));
        }
    }

    private static void WriteBuckets(ByteWriter writer, Random random, bool isFloat)
    {
        var count = random.Next(6);
        writer.WriteUvarint((ulong)count);
        for (var i = 0; i < count; i++)
        {
            if (isFloat) writer.WriteDouble(random.NextDouble());
            else writer.WriteVarint(random.Next(-300, 300));
        }
    }
}
