// Hot path: walks every remote-write message.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Remote;

/// <summary>
/// Walks a <c>prometheus.WriteRequest</c> (remote write 1.0, drawn in docs/formats/remote-write-1.md) in place and
/// notes in a <see cref="WriteRequestBatch"/> what it holds: samples as values, everything else as offsets. Labels are
/// not looked into here: for a known series their bytes are compared as a whole. Unknown fields are skipped.
/// </summary>
internal ref struct WriteRequestReader
{
    private const byte LabelTag = (1 << 3) | (int)ProtoWireType.Bytes;
    private const byte SampleValueTag = (1 << 3) | (int)ProtoWireType.Fixed64;
    private const byte SampleTimestampTag = 2 << 3;

    private readonly ReadOnlySpan<byte> _message;
    private readonly WriteRequestBatch _batch;
    private readonly RemoteWriteLimits _limits;

    /// <summary>A reader of <paramref name="message"/> into <paramref name="batch"/>, which must be clear.</summary>
    public WriteRequestReader(ReadOnlySpan<byte> message, WriteRequestBatch batch, RemoteWriteLimits limits)
    {
        _message = message;
        _batch = batch;
        _limits = limits;
        ErrorPlace = "WriteRequest";
    }

    /// <summary>Where the message is malformed, in bytes from its beginning.</summary>
    public int ErrorOffset { get; private set; }

    /// <summary>The message type that is malformed there, or what there is too much of.</summary>
    public string ErrorPlace { get; private set; }

    /// <summary>Whether the message holds more than the limits allow, instead of being malformed.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>Reads the whole message.</summary>
    /// <returns>
    /// <see langword="false"/> if it is malformed or holds too much: <see cref="ErrorOffset"/> says where, the batch is
    /// of no use then.
    /// </returns>
    public bool TryRead()
    {
        var reader = new ProtoReader(_message);
        var hasVersion2Fields = false;
        while (reader.TryReadTag(out var field, out var wireType))
        {
            switch (field)
            {
                case 1:
                    if (reader.TryReadBytes(wireType, out var series)
                        && !TryReadSeries(series, reader.Position - series.Length))
                        return false;
                    break;
                case 3:
                    if (reader.TryReadBytes(wireType, out var metadata)
                        && !TryReadMetadata(metadata, reader.Position - metadata.Length))
                        return false;
                    break;
                default:
                    hasVersion2Fields |= field == 5 && wireType == ProtoWireType.Bytes;
                    reader.TrySkip(field, wireType);
                    break;
            }
        }

        if (reader.IsMalformed)
            return Fail("WriteRequest", reader.Position);
        // A 2.0 request has its series in field 5; taking it for an empty 1.0 request would lose them silently.
        if (hasVersion2Fields && _batch.Series.Count == 0 && _batch.Metadata.Count == 0)
            return Fail("WriteRequest: this is an io.prometheus.write.v2.Request", 0);
        return true;
    }

    private bool TryReadSeries(ReadOnlySpan<byte> series, int offset)
    {
        if (_batch.Series.Count >= _limits.MaxEntries)
            return FailTooLarge("series", offset);
        var labelsEnd = PassLabels(series);
        var staged = new StagedSeries
        {
            SeriesOffset = offset,
            LabelsOffset = offset,
            LabelsLength = labelsEnd,
            FirstSample = _batch.Samples.Count,
        };

        var reader = new ProtoReader(series[labelsEnd..]);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            switch (field)
            {
                case 2:
                    if (!reader.TryReadBytes(wireType, out var sample))
                        break;
                    if (!TryReadSample(sample, out var value))
                        return Fail("Sample", offset + labelsEnd + reader.Position - sample.Length);
                    if (_batch.Samples.Count >= _limits.MaxSamples)
                        return FailTooLarge("samples", offset);
                    _batch.Samples.Add(value);
                    staged.SampleCount++;
                    if (value.TimestampMs > _batch.MaxTimestampMs)
                        _batch.MaxTimestampMs = value.TimestampMs;
                    break;
                case 1:
                    staged.AreLabelsJoined |= reader.TryReadBytes(wireType, out _);
                    break;
                default:
                    if (!TryReadRareField(ref reader, field, wireType, offset + labelsEnd, ref staged))
                        return false;
                    break;
            }
        }

        if (reader.IsMalformed)
            return Fail("TimeSeries", offset + labelsEnd + reader.Position);
        if (staged.AreLabelsJoined)
            JoinLabels(series, ref staged);
        _batch.Series.Add(staged);
        return true;
    }

    /// <summary>
    /// The length of the run of label fields that a TimeSeries begins with. A field that reaches past the end is left
    /// to the caller, who reports it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PassLabels(ReadOnlySpan<byte> series)
    {
        var position = 0;
        while ((uint)(position + 1) < (uint)series.Length && series[position] == LabelTag)
        {
            int next;
            int length = series[position + 1];
            if (length < 0x80)
                next = position + 2 + length;
            else if (Varint.TryReadUnsigned(series[(position + 1)..], out var wide, out var size)
                && wide <= int.MaxValue / 2)
                next = position + 1 + size + (int)wide;
            else
                break;
            if (next > series.Length)
                break;
            position = next;
        }

        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadSample(ReadOnlySpan<byte> sample, out FloatSample value)
    {
        // As every known sender writes it: the value, then the timestamp, which takes six bytes until the year 2109.
        if (sample.Length == 16 && sample[0] == SampleValueTag && sample[9] == SampleTimestampTag)
        {
            var groups = BinaryPrimitives.ReadUInt64LittleEndian(sample[8..]) >> 16;
            if ((groups & 0x808080808080) == 0x008080808080)
            {
                groups = (groups & 0x007f007f007f) | ((groups & 0x7f007f007f00) >> 1);
                var timestamp = (groups & 0x3fff) | ((groups & 0x3fff0000) >> 2) | ((groups & 0x3fff00000000) >> 4);
                value = new FloatSample((long)timestamp, BinaryPrimitives.ReadDoubleLittleEndian(sample[1..]));
                return true;
            }
        }

        return TryReadUnusualSample(sample, out value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryReadUnusualSample(ReadOnlySpan<byte> sample, out FloatSample result)
    {
        var value = 0d;
        var timestampMs = 0UL;
        var reader = new ProtoReader(sample);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (field == 1)
                reader.TryReadDouble(wireType, out value);
            else if (field == 2)
                reader.TryReadVarint(wireType, out timestampMs);
            else
                reader.TrySkip(field, wireType);
        }

        result = new FloatSample((long)timestampMs, value);
        return !reader.IsMalformed;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadRareField(
        ref ProtoReader reader, int field, ProtoWireType wireType, int offset, ref StagedSeries staged)
    {
        if (field is not (3 or 4))
        {
            reader.TrySkip(field, wireType);
            return true;
        }

        if (!reader.TryReadBytes(wireType, out var nested))
            return true;
        var nestedOffset = offset + reader.Position - nested.Length;
        if (field == 3)
        {
            if (!IsExemplar(nested))
                return Fail("Exemplar", nestedOffset);
            if (_batch.Exemplars.Count >= _limits.MaxEntries)
                return FailTooLarge("exemplars", nestedOffset);
            _batch.Exemplars.Add(new MessagePart(nestedOffset, nested.Length, _batch.Series.Count));
            staged.ExemplarCount++;
            return true;
        }

        return TryReadHistogram(nested, nestedOffset, ref staged);
    }

    private bool TryReadHistogram(ReadOnlySpan<byte> histogram, int offset, ref StagedSeries staged)
    {
        if (_batch.Histograms.Count >= _limits.MaxHistograms || histogram.Length > _limits.MaxHistogramBytes)
            return FailTooLarge("native histograms", offset);
        var message = _batch.HistogramMessage;
        if (!message.TryRead(histogram, out var timestampMs))
            return Fail("Histogram", offset);
        _batch.HistogramItems += message.ItemCount;
        if (_batch.HistogramItems > _limits.MaxSamples)
            return FailTooLarge("buckets of native histograms", offset);
        if (staged.HistogramCount++ == 0)
            staged.FirstHistogram = _batch.Histograms.Count;
        _batch.Histograms.Add(new ReceivedHistogram(timestampMs, message.ToNative()));
        return true;
    }

    private static bool IsExemplar(ReadOnlySpan<byte> exemplar)
    {
        var reader = new ProtoReader(exemplar);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (field == 1)
                reader.TryReadBytes(wireType, out _);
            else if (field == 2)
                reader.TryReadDouble(wireType, out _);
            else if (field == 3)
                reader.TryReadVarint(wireType, out _);
            else
                reader.TrySkip(field, wireType);
        }

        return !reader.IsMalformed;
    }

    private bool TryReadMetadata(ReadOnlySpan<byte> metadata, int offset)
    {
        var reader = new ProtoReader(metadata);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (field == 1)
                reader.TryReadVarint(wireType, out _);
            else if (field is 2 or 4 or 5)
                reader.TryReadBytes(wireType, out _);
            else
                reader.TrySkip(field, wireType);
        }

        if (reader.IsMalformed)
            return Fail("MetricMetadata", offset + reader.Position);
        if (_batch.Metadata.Count >= _limits.MaxEntries)
            return FailTooLarge("metadata entries", offset);
        _batch.Metadata.Add(new MessagePart(offset, metadata.Length, SeriesIndex: -1));
        return true;
    }

    /// <summary>Copies scattered label fields together: in a row they mean the same.</summary>
    private readonly void JoinLabels(ReadOnlySpan<byte> series, ref StagedSeries staged)
    {
        var joined = _batch.JoinedLabels;
        staged.LabelsOffset = joined.Length;
        var reader = new ProtoReader(series);
        var start = 0;
        while (reader.TryReadTag(out var field, out var wireType))
        {
            reader.TrySkip(field, wireType);
            if (field == 1)
                joined.WriteBytes(series[start..reader.Position]);
            start = reader.Position;
        }

        staged.LabelsLength = joined.Length - staged.LabelsOffset;
    }

    private bool FailTooLarge(string place, int offset)
    {
        IsTooLarge = true;
        return Fail(place, offset);
    }

    private bool Fail(string place, int offset)
    {
        ErrorPlace = place;
        ErrorOffset = offset;
        return false;
    }
}
