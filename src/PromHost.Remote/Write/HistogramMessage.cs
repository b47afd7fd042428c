// Hot path: every native histogram that is received is read here.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Remote;

/// <summary>
/// Reads a <c>prometheus.Histogram</c> (drawn in docs/formats/remote-write-1.md). Reused from message to message; one
/// thread at a time.
/// </summary>
internal sealed class HistogramMessage
{
    // A schema above it is one of a future version: its buckets are merged, as Prometheus does.
    private const int MaxSchema = 8;
    private const int MaxReservedSchema = 52;

    private readonly RawHistogram _histogram = new();
    private readonly RawHistogram _reduced = new();
    private readonly List<ulong> _positiveIntegers = [];
    private readonly List<ulong> _negativeIntegers = [];
    private readonly List<ulong> _positiveFloats = [];
    private readonly List<ulong> _negativeFloats = [];
    private readonly List<HistogramSpan> _positiveSpans = [];
    private readonly List<HistogramSpan> _negativeSpans = [];
    private readonly List<ulong> _bounds = [];
    private ulong _count;
    private ulong _zeroCount;
    private bool _isZeroCountInteger;

    /// <summary>Bytes of the nested message that is malformed, from its beginning; after a failure.</summary>
    public int ErrorOffset { get; private set; }

    /// <summary>Would keeping this for a next message waste memory?</summary>
    public bool IsOversized => _positiveIntegers.Capacity + _negativeIntegers.Capacity + _positiveFloats.Capacity +
        _negativeFloats.Capacity + _positiveSpans.Capacity + _negativeSpans.Capacity + _bounds.Capacity > 1 << 16;

    /// <summary>Buckets and spans of the histogram read last.</summary>
    public int ItemCount => _histogram.Buckets.Length + _histogram.PositiveSpans.Length +
        _histogram.NegativeSpans.Length + _histogram.CustomBounds.Length;

    /// <summary>Reads a histogram.</summary>
    /// <param name="message">The message.</param>
    /// <param name="timestampMs">Its timestamp.</param>
    /// <returns>False when it is malformed: <see cref="ErrorOffset"/> says where.</returns>
    public bool TryRead(ReadOnlySpan<byte> message, out long timestampMs)
    {
        Clear();
        timestampMs = 0;
        var reader = new ProtoReader(message);
        while (reader.TryReadTag(out var field, out var wireType))
        {
            if (field == 15)
            {
                reader.TryReadVarint(wireType, out var bits);
                timestampMs = (long)bits;
            }
            else if (field <= 7)
            {
                ReadNumber(ref reader, field, wireType);
            }
            else
            {
                ReadList(ref reader, field, wireType);
            }
        }

        ErrorOffset = reader.Position;
        if (reader.IsMalformed) return false;
        Complete();
        return true;
    }

    /// <summary>Copies the histogram read last.</summary>
    public NativeHistogram ToNative()
    {
        if (_histogram.Schema is <= MaxSchema or > MaxReservedSchema) return _histogram.ToNative();
        // With other buckets than the spans say it stays as it is, to be refused.
        if (BucketsOf(_histogram.PositiveSpans) != _histogram.PositiveBuckets.Length ||
            BucketsOf(_histogram.NegativeSpans) != _histogram.NegativeBuckets.Length)
            return _histogram.ToNative();
        _reduced.SetReduced(_histogram, MaxSchema);
        return _reduced.ToNative();
    }

    private void Clear()
    {
        _histogram.Clear();
        _histogram.IsInteger = true;
        _positiveIntegers.Clear();
        _negativeIntegers.Clear();
        _positiveFloats.Clear();
        _negativeFloats.Clear();
        _positiveSpans.Clear();
        _negativeSpans.Clear();
        _bounds.Clear();
        _count = 0;
        _zeroCount = 0;
        _isZeroCountInteger = true;
    }

    private void ReadNumber(ref ProtoReader reader, int field, ProtoWireType wireType)
    {
        var bits = 0UL;
        switch (field)
        {
            case 1 when reader.TryReadVarint(wireType, out bits):
            case 2 when reader.TryReadFixed64(wireType, out bits):
                _count = bits;
                _histogram.IsInteger = field == 1;
                break;
            case 3 when reader.TryReadDouble(wireType, out var sum):
                _histogram.Sum = sum;
                break;
            case 4 when reader.TryReadVarint(wireType, out bits):
                _histogram.Schema = (int)Varint.UnfoldSign(bits);
                break;
            case 5 when reader.TryReadDouble(wireType, out var threshold):
                _histogram.ZeroThreshold = threshold;
                break;
            case 6 when reader.TryReadVarint(wireType, out bits):
            case 7 when reader.TryReadFixed64(wireType, out bits):
                _zeroCount = bits;
                _isZeroCountInteger = field == 6;
                break;
        }
    }

    private void ReadList(ref ProtoReader reader, int field, ProtoWireType wireType)
    {
        switch (field)
        {
            case 8:
                ReadSpan(ref reader, wireType, _negativeSpans);
                break;
            case 9:
                ReadIntegers(ref reader, wireType, _negativeIntegers);
                break;
            case 10:
                ReadFloats(ref reader, wireType, _negativeFloats);
                break;
            case 11:
                ReadSpan(ref reader, wireType, _positiveSpans);
                break;
            case 12:
                ReadIntegers(ref reader, wireType, _positiveIntegers);
                break;
            case 13:
                ReadFloats(ref reader, wireType, _positiveFloats);
                break;
            case 14 when reader.TryReadVarint(wireType, out var hint):
                _histogram.CounterResetHint =
                    hint <= (ulong)CounterResetHint.Gauge ? (CounterResetHint)hint : CounterResetHint.Unknown;
                break;
            case 16:
                ReadFloats(ref reader, wireType, _bounds);
                break;
            default:
                if (field != 14) reader.TrySkip(field, wireType);
                break;
        }
    }

    private static void ReadSpan(ref ProtoReader reader, ProtoWireType wireType, List<HistogramSpan> spans)
    {
        if (!reader.TryReadBytes(wireType, out var message)) return;
        var (offset, length) = (0, 0u);
        var nested = new ProtoReader(message);
        while (nested.TryReadTag(out var field, out var nestedType))
        {
            if (field > 2) nested.TrySkip(field, nestedType);
            else if (!nested.TryReadVarint(nestedType, out var bits)) break;
            else if (field == 1) offset = (int)Varint.UnfoldSign(bits);
            else length = (uint)bits;
        }

        if (nested.IsMalformed) reader.Fail();
        else spans.Add(new HistogramSpan(offset, length));
    }

    // One by one, or packed: differences from bucket to bucket. Here they are summed up.
    private static void ReadIntegers(ref ProtoReader reader, ProtoWireType wireType, List<ulong> counts)
    {
        if (wireType != ProtoWireType.Bytes)
        {
            if (reader.TryReadVarint(wireType, out var single)) Add(counts, single);
            return;
        }

        if (!reader.TryReadBytes(wireType, out var packed)) return;
        while (!packed.IsEmpty)
        {
            if (!Varint.TryReadUnsigned(packed, out var folded, out var length))
            {
                reader.Fail();
                return;
            }

            Add(counts, folded);
            packed = packed[length..];
        }
    }

    private static void Add(List<ulong> counts, ulong folded) =>
        counts.Add((counts.Count > 0 ? counts[^1] : 0) + (ulong)Varint.UnfoldSign(folded));

    private static void ReadFloats(ref ProtoReader reader, ProtoWireType wireType, List<ulong> counts)
    {
        if (wireType != ProtoWireType.Bytes)
        {
            if (reader.TryReadFixed64(wireType, out var single)) counts.Add(single);
            return;
        }

        if (!reader.TryReadBytes(wireType, out var packed)) return;
        if (packed.Length % sizeof(double) != 0) reader.Fail();
        for (; packed.Length >= sizeof(double); packed = packed[sizeof(double)..])
            counts.Add(BinaryPrimitives.ReadUInt64LittleEndian(packed));
    }

    private void Complete()
    {
        _histogram.CountWord = _count;
        // Of the other kind it counts as not there, as in Prometheus.
        _histogram.ZeroCountWord = _isZeroCountInteger == _histogram.IsInteger ? _zeroCount : 0;
        var positive = _histogram.IsInteger ? _positiveIntegers : _positiveFloats;
        var negative = _histogram.IsInteger ? _negativeIntegers : _negativeFloats;
        _histogram.SetSpanCounts(_positiveSpans.Count, _negativeSpans.Count);
        CollectionsMarshal.AsSpan(_positiveSpans).CopyTo(_histogram.PositiveSpans);
        CollectionsMarshal.AsSpan(_negativeSpans).CopyTo(_histogram.NegativeSpans);
        _histogram.SetBucketCounts(positive.Count, negative.Count);
        CollectionsMarshal.AsSpan(positive).CopyTo(_histogram.PositiveBuckets);
        CollectionsMarshal.AsSpan(negative).CopyTo(_histogram.NegativeBuckets);
        _histogram.SetBoundCount(_bounds.Count);
        MemoryMarshal.Cast<ulong, double>(CollectionsMarshal.AsSpan(_bounds)).CopyTo(_histogram.CustomBounds);
    }

    private static long BucketsOf(ReadOnlySpan<HistogramSpan> spans)
    {
        var buckets = 0L;
        foreach (var span in spans) buckets += span.Length;
        return buckets;
    }
}
