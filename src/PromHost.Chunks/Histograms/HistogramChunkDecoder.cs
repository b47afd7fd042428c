// Hot path: the loops run once per bucket of every histogram read by a query.
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Chunks;

/// <summary>
/// Reads the samples of a histogram chunk one after another (<see cref="HistogramChunkEncoder"/> draws the layout).
/// Any bytes are safe. Reused from chunk to chunk; for one thread. The chunk's bytes are the caller's: the same ones go
/// into every call.
/// </summary>
public sealed class HistogramChunkDecoder
{
    // A schema above it is one of a future version: its buckets are merged until it is this one.
    private const int MaxSchema = 8;

    private readonly RawHistogram _last = new();
    private readonly RawHistogram _stale = new();
    private readonly RawHistogram _reduced = new();
    private long[] _changes = [];
    private XorFrame[] _frames = [];
    private XorFrame _sumFrame;
    private XorFrame _countFrame;
    private XorFrame _zeroFrame;
    private StartTimestampReader _starts;
    private CounterResetHint _header;
    private bool _hasStartTimestamps;
    private int _count;
    private int _read;
    private long _positionBits;
    private long _timeDelta;
    private long _countDelta;
    private long _zeroDelta;
    private HistogramSpan[]? _positiveSpans;
    private HistogramSpan[]? _negativeSpans;
    private double[]? _bounds;

    /// <summary>The number of samples in the chunk.</summary>
    public int Count => _count;

    /// <summary>The timestamp of the sample read last.</summary>
    public long TimestampMs { get; private set; }

    /// <summary>The start timestamp of the sample read last; 0 is unknown.</summary>
    public long StartTimestampMs => _starts.StartMs;

    /// <summary>Did reading end because the bytes are no valid chunk?</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>What is known of a counter reset before the chunk.</summary>
    public CounterResetHint Header => _header;

    /// <summary>The sample read last; valid until the next call.</summary>
    public RawHistogram Current => _last.IsStale ? _stale : _last.Schema > MaxSchema ? _reduced : _last;

    /// <summary>Begins with a chunk.</summary>
    /// <param name="encoding">One of the histogram encodings.</param>
    /// <param name="chunk">The chunk.</param>
    /// <returns>False when it is too short for a header.</returns>
    public bool TryStart(byte encoding, ReadOnlySpan<byte> chunk)
    {
        _hasStartTimestamps = ChunkEncodings.HasStartTimestamps(encoding);
        if (chunk.Length < HistogramChunkHeader.SizeBytes) return false;
        Start(encoding, chunk, HistogramChunkHeader.ReadCount(chunk, _hasStartTimestamps));
        return true;
    }

    /// <summary>Begins with the first samples of a chunk, whatever its header says: it may grow meanwhile.</summary>
    /// <param name="encoding">One of the histogram encodings.</param>
    /// <param name="chunk">The chunk, with a header.</param>
    /// <param name="count">How many samples to read.</param>
    public void Start(byte encoding, ReadOnlySpan<byte> chunk, int count)
    {
        _hasStartTimestamps = ChunkEncodings.HasStartTimestamps(encoding);
        _header = HistogramChunkHeader.ReadReset(chunk, _hasStartTimestamps);
        _starts = _hasStartTimestamps
            ? new StartTimestampReader(chunk[HistogramChunkHeader.StartTimestampsOffset])
            : default;
        _last.Clear();
        _last.IsInteger = ChunkEncodings.IsIntegerHistogram(encoding);
        _stale.SetStale(_last.IsInteger);
        _count = count;
        _read = 0;
        _positionBits = HistogramChunkHeader.SizeBytes * 8;
        _timeDelta = 0;
        _countDelta = 0;
        _zeroDelta = 0;
        _sumFrame = default;
        _countFrame = default;
        _zeroFrame = default;
        _positiveSpans = null;
        _negativeSpans = null;
        _bounds = null;
        TimestampMs = 0;
        IsDamaged = false;
    }

    /// <summary>Reads the next sample.</summary>
    /// <param name="chunk">The chunk, as given at the start.</param>
    /// <returns>False after the last sample, and where the chunk is damaged.</returns>
    public bool TryReadNext(ReadOnlySpan<byte> chunk)
    {
        if (_read == _count || IsDamaged) return false;
        var reader = new BitReader(chunk, _positionBits);
        var previousMs = TimestampMs;
        var isValid = _read == 0 ? TryReadFirst(ref reader) : TryReadFurther(ref reader);
        if (isValid && _hasStartTimestamps)
            isValid = _starts.TryRead(ref reader, _read, _read == 0 ? TimestampMs : previousMs);
        if (!isValid || reader.IsPastEnd)
        {
            IsDamaged = true;
            return false;
        }

        _positionBits = reader.PositionBits;
        // A later chunk or sample may have come in between, so the first one of a chunk says nothing of resets.
        _last.CounterResetHint = _header == CounterResetHint.Gauge ? CounterResetHint.Gauge
            : _read > 0 ? CounterResetHint.NotCounterReset : CounterResetHint.Unknown;
        _read++;
        if (_last.Schema > MaxSchema && !_last.IsStale) _reduced.SetReduced(_last, MaxSchema);
        return true;
    }

    /// <summary>Copies the sample read last; histograms of one chunk share spans and bounds.</summary>
    public NativeHistogram ToNative()
    {
        if (_last.IsStale) return _stale.ToNative([], [], []);
        var current = Current;
        _positiveSpans ??= current.PositiveSpans.ToArray();
        _negativeSpans ??= current.NegativeSpans.ToArray();
        _bounds ??= current.CustomBounds.ToArray();
        return current.ToNative(_positiveSpans, _negativeSpans, _bounds);
    }

    /// <summary>Copies the sample read last into a pool, without exact counts.</summary>
    public NativeHistogram ToNative(HistogramPool pool) => Current.ToNative(pool);

    private bool TryReadFirst(ref BitReader reader)
    {
        if (!HistogramLayoutBits.TryRead(ref reader, _last)) return false;
        TimestampMs = Varbit.Read(ref reader);
        var buckets = _last.Buckets;
        if (_last.IsInteger)
        {
            _last.CountWord = Varbit.ReadUnsigned(ref reader);
            _last.ZeroCountWord = Varbit.ReadUnsigned(ref reader);
            _last.Sum = BitConverter.UInt64BitsToDouble(reader.Read64());
            ReadFirstIntegers(ref reader, _last.PositiveBuckets);
            ReadFirstIntegers(ref reader, _last.NegativeBuckets);
            if (_changes.Length < buckets.Length) _changes = new long[buckets.Length];
            _changes.AsSpan(0, buckets.Length).Clear();
            return true;
        }

        _last.CountWord = reader.Read64();
        _last.ZeroCountWord = reader.Read64();
        _last.Sum = BitConverter.UInt64BitsToDouble(reader.Read64());
        // More buckets than the chunk has bytes for: refused before time is spent on them.
        if (buckets.Length > reader.RemainingBits / 64) return false;
        foreach (ref var bucket in buckets) bucket = reader.Read64();
        if (_frames.Length < buckets.Length) _frames = new XorFrame[buckets.Length];
        _frames.AsSpan(0, buckets.Length).Clear();
        return true;
    }

    private bool TryReadFurther(ref BitReader reader)
    {
        var isValid = true;
        _timeDelta += Varbit.Read(ref reader);
        TimestampMs += _timeDelta;
        if (_last.IsInteger)
        {
            _countDelta += Varbit.Read(ref reader);
            _last.CountWord += (ulong)_countDelta;
            _zeroDelta += Varbit.Read(ref reader);
            _last.ZeroCountWord += (ulong)_zeroDelta;
        }
        else
        {
            _last.CountWord = Varbit.ReadXor(ref reader, _last.CountWord, ref _countFrame, ref isValid);
            _last.ZeroCountWord = Varbit.ReadXor(ref reader, _last.ZeroCountWord, ref _zeroFrame, ref isValid);
        }

        var sumBits = BitConverter.DoubleToUInt64Bits(_last.Sum);
        _last.Sum = BitConverter.UInt64BitsToDouble(
            Varbit.ReadXor(ref reader, sumBits, ref _sumFrame, ref isValid));
        if (_last.IsStale) return isValid;
        if (!_last.IsInteger) return isValid & TryReadFloats(ref reader);
        var positive = _last.PositiveBuckets;
        BucketChanges.Read(ref reader, positive, _changes);
        BucketChanges.Read(ref reader, _last.NegativeBuckets, _changes.AsSpan(positive.Length));
        return isValid;
    }

    // What is stored of a bucket is its difference to the bucket before.
    private static void ReadFirstIntegers(ref BitReader reader, Span<ulong> buckets)
    {
        var count = 0L;
        foreach (ref var bucket in buckets)
        {
            count += Varbit.Read(ref reader);
            bucket = (ulong)count;
        }
    }

    private bool TryReadFloats(ref BitReader reader)
    {
        var isValid = true;
        var buckets = _last.Buckets;
        var frames = _frames.AsSpan(0, buckets.Length);
        for (var i = 0; i < buckets.Length; i++)
            buckets[i] = Varbit.ReadXor(ref reader, buckets[i], ref frames[i], ref isValid);
        return isValid;
    }
}
