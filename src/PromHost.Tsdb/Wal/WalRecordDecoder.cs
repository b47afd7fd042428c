// Hot path: replay decodes every logged sample here.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Reads the records of the log (<c>docs/formats/wal.md</c>). Lists are appended to, so that they can be reused; after
/// a failure they may hold the record's beginning. Any bytes are safe.
/// </summary>
internal sealed class WalRecordDecoder
{
    private const int MinSampleBytes = 2 + sizeof(double);

    private readonly LabelsBuilder _labels = new();
    private byte[] _encoded = new byte[1024];

    /// <summary>The type of a record; <see cref="WalRecordType.Unknown"/> when empty or not known here.</summary>
    public static WalRecordType TypeOf(ReadOnlySpan<byte> record) =>
        record.IsEmpty || record[0] > (byte)WalRecordType.FloatHistogramsV2
            ? WalRecordType.Unknown
            : (WalRecordType)record[0];

    /// <summary>
    /// Reads float samples of <see cref="WalRecordType.Samples"/> or <see cref="WalRecordType.SamplesV2"/>.
    /// </summary>
    /// <param name="record">The record.</param>
    /// <param name="samples">Receives the samples from index 0 on; replaced by a longer array if needed.</param>
    /// <param name="count">The samples read.</param>
    /// <returns>False when the record is malformed.</returns>
    public static bool TryDecodeSamples(ReadOnlySpan<byte> record, ref WalSample[] samples, out int count)
    {
        count = 0;
        var needed = (record.Length / MinSampleBytes) + 1;
        if (samples.Length < needed)
            samples = new WalSample[Math.Max(needed, 2 * samples.Length)];
        return TypeOf(record) switch
        {
            WalRecordType.Samples => TryDecodeSamplesV1(record[1..], samples, out count),
            WalRecordType.SamplesV2 => TryDecodeSamplesV2(record[1..], samples, out count),
            _ => false,
        };
    }

    /// <summary>Reads series.</summary>
    public bool TryDecodeSeries(ReadOnlySpan<byte> record, List<WalSeries> series)
    {
        if (!TryStart(record, WalRecordType.Series, out var reader))
            return false;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadUInt64(out var seriesRef) || !TryReadLabels(ref reader, out var labels))
                return false;
            series.Add(new WalSeries(seriesRef, labels));
        }

        return true;
    }

    /// <summary>Reads tombstones.</summary>
    public static bool TryDecodeTombstones(ReadOnlySpan<byte> record, List<WalTombstone> tombstones)
    {
        if (!TryStart(record, WalRecordType.Tombstones, out var reader))
            return false;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadUInt64(out var seriesRef)
                || !reader.TryReadVarint(out var min)
                || !reader.TryReadVarint(out var max))
                return false;
            tombstones.Add(new WalTombstone(seriesRef, min, max));
        }

        return true;
    }

    /// <summary>Reads exemplars.</summary>
    public bool TryDecodeExemplars(ReadOnlySpan<byte> record, List<WalExemplar> exemplars)
    {
        if (!TryStart(record, WalRecordType.Exemplars, out var reader))
            return false;
        if (reader.IsAtEnd)
            return true;
        if (!reader.TryReadUInt64(out var baseRef) || !reader.TryReadInt64(out var baseTimestampMs))
            return false;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadVarint(out var refDelta)
                || !reader.TryReadVarint(out var timestampDelta)
                || !reader.TryReadDouble(out var value)
                || !TryReadLabels(ref reader, out var labels))
                return false;
            exemplars.Add(new WalExemplar(
                baseRef + (ulong)refDelta, baseTimestampMs + timestampDelta, value, labels));
        }

        return true;
    }

    /// <summary>Reads metadata; fields other than unit, help and family are passed over.</summary>
    public static bool TryDecodeMetadata(ReadOnlySpan<byte> record, List<WalMetadata> metadata)
    {
        if (!TryStart(record, WalRecordType.Metadata, out var reader))
            return false;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadUvarint(out var seriesRef)
                || !reader.TryReadByte(out var type)
                || !reader.TryReadUvarint(out var fields))
                return false;
            var unit = "";
            var help = "";
            var family = "";
            for (; fields > 0; fields--)
            {
                if (!reader.TryReadUvarintBytes(out var name) || !reader.TryReadUvarintBytes(out var value))
                    return false;
                if (name.SequenceEqual("UNIT"u8))
                    unit = Encoding.UTF8.GetString(value);
                else if (name.SequenceEqual("HELP"u8))
                    help = Encoding.UTF8.GetString(value);
                else if (name.SequenceEqual("FAMILY"u8))
                    family = Encoding.UTF8.GetString(value);
            }

            metadata.Add(new WalMetadata(seriesRef, type, unit, help, family));
        }

        return true;
    }

    /// <summary>Reads mapped-chunk markers of the out-of-order log.</summary>
    public static bool TryDecodeMmapMarkers(ReadOnlySpan<byte> record, List<WalMmapMarker> markers)
    {
        if (!TryStart(record, WalRecordType.MmapMarkers, out var reader))
            return false;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadUInt64(out var seriesRef) || !reader.TryReadUInt64(out var chunkRef))
                return false;
            markers.Add(new WalMmapMarker(seriesRef, chunkRef));
        }

        return true;
    }

    private static bool TryStart(ReadOnlySpan<byte> record, WalRecordType type, out ByteReader reader)
    {
        reader = new ByteReader(record.IsEmpty ? record : record[1..]);
        return TypeOf(record) == type;
    }

    private static bool TryDecodeSamplesV1(ReadOnlySpan<byte> bytes, Span<WalSample> samples, out int count)
    {
        count = 0;
        if (bytes.IsEmpty)
            return true;
        if (!BinaryPrimitives.TryReadUInt64BigEndian(bytes, out var baseRef)
            || !BinaryPrimitives.TryReadInt64BigEndian(bytes[sizeof(ulong)..], out var baseTimestampMs))
            return false;

        var offset = 2 * sizeof(ulong);
        while (offset < bytes.Length)
        {
            if (!TryReadVarint(bytes, ref offset, out var refDelta)
                || !TryReadVarint(bytes, ref offset, out var timestampDelta)
                || bytes.Length - offset < sizeof(double))
                return false;
            var value = BinaryPrimitives.ReadDoubleBigEndian(bytes[offset..]);
            offset += sizeof(double);
            samples[count++] = new WalSample(baseRef + (ulong)refDelta, baseTimestampMs + timestampDelta, value);
        }

        return true;
    }

    // Refs are chained, times are relative to the first; start timestamps are read and left out.
    private static bool TryDecodeSamplesV2(ReadOnlySpan<byte> bytes, Span<WalSample> samples, out int count)
    {
        const byte ExplicitStart = 2;
        count = 0;
        var reader = new ByteReader(bytes);
        var seriesRef = 0L;
        var firstTimestampMs = 0L;
        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadVarint(out var refDelta) || !reader.TryReadVarint(out var timestampDelta))
                return false;
            byte marker = ExplicitStart;
            if (count > 0 && !reader.TryReadByte(out marker))
                return false;
            if (marker >= ExplicitStart && !reader.TryReadVarint(out _))
                return false;
            if (!reader.TryReadDouble(out var value))
                return false;
            seriesRef += refDelta;
            samples[count] = new WalSample((ulong)seriesRef, firstTimestampMs + timestampDelta, value);
            if (count++ == 0)
                firstTimestampMs = timestampDelta;
        }

        return true;
    }

    // Deltas of one and two bytes are nearly all there are.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadVarint(ReadOnlySpan<byte> bytes, ref int offset, out long value)
    {
        var next = offset + 1;
        if ((uint)next < (uint)bytes.Length)
        {
            uint low = bytes[offset];
            uint high = bytes[next];
            if (low < 0x80)
            {
                value = Varint.UnfoldSign(low);
                offset = next;
                return true;
            }

            if (high < 0x80)
            {
                value = Varint.UnfoldSign((low & 0x7F) | (high << 7));
                offset = next + 1;
                return true;
            }
        }

        var complete = TryReadLongVarint(bytes[offset..], out var result);
        value = result.Value;
        offset += result.Length;
        return complete;
    }

    // By value, so that the caller's variables stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryReadLongVarint(ReadOnlySpan<byte> bytes, out (long Value, int Length) result)
    {
        var complete = Varint.TryReadSigned(bytes, out var value, out var length);
        result = (value, length);
        return complete;
    }

    // Sorted labels without empty values, as every writer leaves them, are re-encoded in one pass.
    private bool TryReadLabels(ref ByteReader reader, out Labels labels)
    {
        labels = Labels.Empty;
        if (!reader.TryReadUvarint32(out var count))
            return false;
        var unsorted = reader;
        var length = 0;
        ReadOnlySpan<byte> previous = default;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadUvarintBytes(out var name) || !reader.TryReadUvarintBytes(out var value))
                return false;
            if (name.Length > Labels.MaxPartSizeBytes || value.Length > Labels.MaxPartSizeBytes)
                return false;
            if (value.IsEmpty || (i > 0 && previous.SequenceCompareTo(name) >= 0))
            {
                reader = unsorted;
                return TryBuildLabels(ref reader, count, out labels);
            }

            AddPart(name, ref length);
            AddPart(value, ref length);
            previous = name;
        }

        if (length > 0)
            labels = Labels.FromEncoded(_encoded.AsSpan(0, length).ToArray());
        return true;
    }

    private void AddPart(ReadOnlySpan<byte> part, ref int length)
    {
        var needed = length + LabelsEncoding.SizeOf(part.Length);
        if (_encoded.Length < needed) Array.Resize(ref _encoded, Math.Max(2 * _encoded.Length, needed));
        LabelsEncoding.Write(part, _encoded, ref length);
    }

    private bool TryBuildLabels(ref ByteReader reader, int count, out Labels labels)
    {
        labels = Labels.Empty;
        _labels.Reset();
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadUvarintBytes(out var name) || !reader.TryReadUvarintBytes(out var value))
                return false;
            if (name.Length > Labels.MaxPartSizeBytes || value.Length > Labels.MaxPartSizeBytes)
                return false;
            _labels.Set(name, value);
        }

        labels = _labels.ToLabels();
        return true;
    }
}
