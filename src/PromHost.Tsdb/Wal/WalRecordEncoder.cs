// Hot path: samples of every ingested batch pass here.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Writes the records of the log (<c>docs/formats/wal.md</c>) behind what a <see cref="ByteWriter"/> holds. Refs are
/// below 2^63. Stateless.
/// </summary>
internal static class WalRecordEncoder
{
    // Two varints and the value.
    private const int MaxSampleBytes = (2 * Varint.MaxLength) + sizeof(ulong);

    /// <summary>Writes a record of series.</summary>
    public static void Encode(ReadOnlySpan<WalSeries> series, ByteWriter writer)
    {
        writer.WriteByte((byte)WalRecordType.Series);
        foreach (ref readonly var entry in series)
        {
            writer.WriteUInt64(entry.Ref);
            WriteLabels(entry.Labels, writer);
        }
    }

    /// <summary>Writes a record of float samples.</summary>
    public static void Encode(ReadOnlySpan<WalSample> samples, ByteWriter writer)
    {
        writer.WriteByte((byte)WalRecordType.Samples);
        if (samples.IsEmpty)
            return;
        var baseRef = samples[0].Ref;
        var baseTimestampMs = samples[0].TimestampMs;
        writer.WriteUInt64(baseRef);
        writer.WriteInt64(baseTimestampMs);

        var target = writer.GetSpan(checked(samples.Length * MaxSampleBytes));
        var length = 0;
        foreach (ref readonly var sample in samples)
        {
            length = WriteVarint(target, length, (long)(sample.Ref - baseRef));
            length = WriteVarint(target, length, sample.TimestampMs - baseTimestampMs);
            BinaryPrimitives.WriteDoubleBigEndian(target[length..], sample.Value);
            length += sizeof(double);
        }

        writer.Advance(length);
    }

    /// <summary>Writes a record of tombstones.</summary>
    public static void Encode(ReadOnlySpan<WalTombstone> tombstones, ByteWriter writer)
    {
        writer.WriteByte((byte)WalRecordType.Tombstones);
        foreach (ref readonly var tombstone in tombstones)
        {
            writer.WriteUInt64(tombstone.Ref);
            writer.WriteVarint(tombstone.MinTimestampMs);
            writer.WriteVarint(tombstone.MaxTimestampMs);
        }
    }

    /// <summary>Writes a record of exemplars.</summary>
    public static void Encode(ReadOnlySpan<WalExemplar> exemplars, ByteWriter writer)
    {
        writer.WriteByte((byte)WalRecordType.Exemplars);
        if (exemplars.IsEmpty)
            return;
        var baseRef = exemplars[0].Ref;
        var baseTimestampMs = exemplars[0].TimestampMs;
        writer.WriteUInt64(baseRef);
        writer.WriteInt64(baseTimestampMs);
        foreach (ref readonly var exemplar in exemplars)
        {
            writer.WriteVarint((long)(exemplar.Ref - baseRef));
            writer.WriteVarint(exemplar.TimestampMs - baseTimestampMs);
            writer.WriteDouble(exemplar.Value);
            WriteLabels(exemplar.Labels, writer);
        }
    }

    /// <summary>Writes a record of mapped-chunk markers.</summary>
    public static void Encode(ReadOnlySpan<WalMmapMarker> markers, ByteWriter writer)
    {
        writer.WriteByte((byte)WalRecordType.MmapMarkers);
        foreach (ref readonly var marker in markers)
        {
            writer.WriteUInt64(marker.Ref);
            writer.WriteUInt64(marker.ChunkRef);
        }
    }

    /// <summary>Writes a record of metadata.</summary>
    public static void Encode(ReadOnlySpan<WalMetadata> metadata, ByteWriter writer)
    {
        writer.WriteByte((byte)WalRecordType.Metadata);
        foreach (ref readonly var entry in metadata)
        {
            writer.WriteUvarint(entry.Ref);
            writer.WriteByte(entry.Type);
            writer.WriteUvarint(entry.Family.Length > 0 ? 3UL : 2UL);
            writer.WriteUvarintBytes("UNIT"u8);
            WriteString(entry.Unit, writer);
            writer.WriteUvarintBytes("HELP"u8);
            WriteString(entry.Help, writer);
            if (entry.Family.Length == 0) continue;
            // Ours; Prometheus passes over fields that it does not know.
            writer.WriteUvarintBytes("FAMILY"u8);
            WriteString(entry.Family, writer);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int WriteVarint(Span<byte> target, int offset, long value)
    {
        var folded = Varint.FoldSign(value);
        while (folded >= 0x80)
        {
            target[offset++] = (byte)(folded | 0x80);
            folded >>= 7;
        }

        target[offset] = (byte)folded;
        return offset + 1;
    }

    private static void WriteLabels(Labels labels, ByteWriter writer)
    {
        writer.WriteUvarint((ulong)labels.Count);
        foreach (var label in labels)
        {
            writer.WriteUvarintBytes(label.Name);
            writer.WriteUvarintBytes(label.Value);
        }
    }

    private static void WriteString(string text, ByteWriter writer)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        writer.WriteUvarint((ulong)length);
        Encoding.UTF8.GetBytes(text, writer.GetSpan(length));
        writer.Advance(length);
    }
}
