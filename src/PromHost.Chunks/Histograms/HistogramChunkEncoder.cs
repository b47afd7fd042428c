// Hot path: TryAppend runs once per ingested histogram.
using PromHost.Model;

namespace PromHost.Chunks;

/// <summary>
/// Appends native histograms to a chunk (<c>docs/formats/histogram-chunk.md</c>), bit for bit as Prometheus writes it.
/// The first sample of a chunk dictates the layout of buckets; a histogram with more buckets has the chunk encoded
/// anew, one that does not fit (another schema, a counter that was reset, …) begins the next chunk.
/// <code>
/// header (3) | layout | t, count, zero count, sum, buckets | { changes of these }*
/// </code>
/// </summary>
/// <remarks>
/// The encoder owns the bytes. Bits once written never change, and where the chunk is encoded anew it gets another
/// array: a reader that holds <see cref="Buffer"/> may decode the first n samples while later ones are appended. Not
/// thread-safe beyond that.
/// </remarks>
public abstract class HistogramChunkEncoder
{
    private readonly HistogramRecoder _recoder;
    private readonly bool _hasStartTimestamps;
    private StartTimestampWriter _starts;
    private long _timeDelta;

    private protected HistogramChunkEncoder(byte encoding, HistogramRecoder recoder)
    {
        Encoding = encoding;
        _recoder = recoder;
        _hasStartTimestamps = ChunkEncodings.HasStartTimestamps(encoding);
    }

    /// <summary>One of the histogram encodings.</summary>
    public byte Encoding { get; }

    /// <summary>Samples in the chunk.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the chunk so far.</summary>
    public int LengthBytes => Writer.LengthBytes;

    /// <summary>The array that begins with the chunk.</summary>
    public byte[] Buffer => Writer.Buffer;

    /// <summary>The chunk.</summary>
    public ReadOnlyMemory<byte> Data => Writer.Buffer.AsMemory(0, LengthBytes);

    /// <summary>Timestamp of the last sample in milliseconds.</summary>
    public long LastTimestampMs { get; private set; }

    /// <summary>The last sample, in the chunk's layout. A stale marker leaves the buckets as they were.</summary>
    public RawHistogram Last { get; } = new();

    /// <summary>What the chunk says of a counter reset before it.</summary>
    public CounterResetHint Header => HistogramChunkHeader.ReadReset(Writer.Buffer, _hasStartTimestamps);

    /// <summary>The chunk's bits. A field, because it is changed in place.</summary>
    private protected ChunkBitWriter Writer;

    /// <summary>Makes an encoder without a chunk.</summary>
    /// <param name="encoding">One of the histogram encodings.</param>
    /// <param name="recoder">Shared among the encoders of a thread.</param>
    public static HistogramChunkEncoder Create(byte encoding, HistogramRecoder recoder) =>
        ChunkEncodings.IsIntegerHistogram(encoding)
            ? new IntegerHistogramChunkEncoder(encoding, recoder)
            : new FloatHistogramChunkEncoder(encoding, recoder);

    /// <summary>The header of a chunk that begins with a histogram and follows on nothing of its kind.</summary>
    public static CounterResetHint HeaderOf(RawHistogram histogram) => histogram.CounterResetHint
        is CounterResetHint.Gauge or CounterResetHint.CounterReset ? histogram.CounterResetHint
        : CounterResetHint.Unknown;

    /// <summary>
    /// The header of a chunk that begins with a histogram after this chunk was ended for its size or time.
    /// </summary>
    public CounterResetHint HeaderAfter(RawHistogram histogram)
    {
        var alone = HeaderOf(histogram);
        if (Count == 0 || alone != CounterResetHint.Unknown) return alone;
        FitsCounter(histogram, out var reset);
        return Last.IsInteger || reset == CounterResetHint.CounterReset ? reset : CounterResetHint.NotCounterReset;
    }

    /// <summary>Begins an empty chunk in an array of its own.</summary>
    /// <param name="header">What is known of a counter reset before it.</param>
    public void Start(CounterResetHint header)
    {
        Writer.Start(HistogramChunkHeader.SizeBytes);
        Reset(header);
    }

    /// <summary>Begins an empty chunk in the array of the last one, which nobody reads any more.</summary>
    /// <param name="header">What is known of a counter reset before it.</param>
    public void Restart(CounterResetHint header)
    {
        Writer.Restart(HistogramChunkHeader.SizeBytes);
        Reset(header);
    }

    /// <summary>
    /// Goes on with a copy of a chunk that an encoder of the same encoding wrote, as if there had been no break.
    /// </summary>
    /// <param name="chunk">The chunk.</param>
    /// <returns>False when it is not one that would be written so; the encoder is to be begun anew then.</returns>
    public bool TryResume(ReadOnlySpan<byte> chunk)
    {
        var decoder = _recoder.Decoder;
        if (!decoder.TryStart(Encoding, chunk)) return false;
        var count = decoder.Count;
        Start(decoder.Header);
        while (decoder.TryReadNext(chunk))
        {
            var histogram = decoder.Current;
            // What was dictated by the first sample, and only that, can be written again.
            if (Count > 0 && !histogram.IsStale && !(HasSchemaOf(histogram) && HasLayoutOf(histogram))) return false;
            Append(decoder.TimestampMs, decoder.StartTimestampMs, histogram);
        }

        return Count == count && count > 0 && Data.Span.SequenceEqual(chunk);
    }

    /// <summary>Appends a histogram if it fits. Order of timestamps is the caller's concern.</summary>
    /// <param name="timestampMs">Its timestamp.</param>
    /// <param name="startTimestampMs">Its start timestamp, 0 is unknown; dropped by encodings without them.</param>
    /// <param name="histogram">Of this encoding's kind, with as many buckets as its spans say.</param>
    /// <param name="nextHeader">When it does not fit: the header of the chunk that it begins.</param>
    public bool TryAppend(
        long timestampMs, long startTimestampMs, RawHistogram histogram, out CounterResetHint nextHeader)
    {
        nextHeader = CounterResetHint.Unknown;
        if (Count > 0)
        {
            if (Count == HistogramChunkHeader.MaxSamples(_hasStartTimestamps))
            {
                nextHeader = HeaderAfter(histogram);
                return false;
            }

            var isGauge = histogram.CounterResetHint == CounterResetHint.Gauge;
            if (!(isGauge ? FitsGauge(histogram) : FitsCounter(histogram, out nextHeader)))
            {
                if (isGauge) nextHeader = CounterResetHint.Gauge;
                return false;
            }

            if (!histogram.IsStale && !HasLayoutOf(histogram)) histogram = Adapt(histogram, isGauge);
        }

        Append(timestampMs, startTimestampMs, histogram);
        return true;
    }

    /// <summary>Writes count, zero count, sum and buckets of the first sample.</summary>
    private protected abstract void WriteFirst(RawHistogram histogram);

    /// <summary>Writes how they changed. The buckets are those of <see cref="Last"/>.</summary>
    private protected abstract void WriteChanges(RawHistogram histogram);

    private void Reset(CounterResetHint header)
    {
        HistogramChunkHeader.WriteReset(Writer.Buffer, header, _hasStartTimestamps);
        Count = 0;
        LastTimestampMs = 0;
        _timeDelta = 0;
        _starts = default;
        Last.Clear();
        Last.IsInteger = ChunkEncodings.IsIntegerHistogram(Encoding);
    }

    // The order of the questions decides what the next chunk says of a reset: it is Prometheus's.
    private bool FitsCounter(RawHistogram histogram, out CounterResetHint reset)
    {
        reset = CounterResetHint.NotCounterReset;
        if (Header == CounterResetHint.Gauge)
        {
            if (!Last.IsInteger) reset = CounterResetHint.Unknown;
            return false;
        }

        reset = CounterResetHint.CounterReset;
        if (histogram.CounterResetHint == CounterResetHint.CounterReset) return false;
        if (!histogram.IsStale)
        {
            if (Last.IsStale)
            {
                reset = CounterResetHint.Unknown;
                return false;
            }

            if (IsCountLess(histogram.CountWord, Last.CountWord)) return false;
            if (!HasSchemaOf(histogram))
            {
                reset = CounterResetHint.Unknown;
                return false;
            }

            if (!HasBoundsOf(histogram) || IsCountLess(histogram.ZeroCountWord, Last.ZeroCountWord)) return false;
            if (AnyBucketShrank(histogram)) return false;
        }

        reset = CounterResetHint.NotCounterReset;
        return true;
    }

    private bool FitsGauge(RawHistogram histogram) =>
        Header == CounterResetHint.Gauge
        && (histogram.IsStale || (!Last.IsStale && HasSchemaOf(histogram) && HasBoundsOf(histogram)));

    private bool HasSchemaOf(RawHistogram histogram) =>
        histogram.Schema == Last.Schema && histogram.ZeroThreshold == Last.ZeroThreshold;

    private bool HasBoundsOf(RawHistogram histogram) =>
        !histogram.HasCustomBuckets || histogram.CustomBounds.SequenceEqual(Last.CustomBounds);

    private bool HasLayoutOf(RawHistogram histogram) =>
        histogram.PositiveSpans.SequenceEqual(Last.PositiveSpans)
        && histogram.NegativeSpans.SequenceEqual(Last.NegativeSpans);

    private bool IsCountLess(ulong left, ulong right) =>
        Last.IsInteger ? IntegerWord.IsLess(left, right) : FloatWord.IsLess(left, right);

    private bool AnyBucketShrank(RawHistogram histogram) =>
        Last.IsInteger ? AnyBucketShrank<IntegerWord>(histogram) : AnyBucketShrank<FloatWord>(histogram);

    private bool AnyBucketShrank<TWord>(RawHistogram histogram)
        where TWord : struct, ICountWord
    {
        if (HasLayoutOf(histogram)) return CounterResets.AnyShrank<TWord>(Last.Buckets, histogram.Buckets);
        var (positive, negative) = (_recoder.Positive, _recoder.Negative);
        positive.Merge(Last.PositiveSpans, histogram.PositiveSpans);
        negative.Merge(Last.NegativeSpans, histogram.NegativeSpans);
        return CounterResets.AnyShrank<TWord>(positive, Last.PositiveBuckets, histogram.PositiveBuckets)
            || CounterResets.AnyShrank<TWord>(negative, Last.NegativeBuckets, histogram.NegativeBuckets);
    }

    // Gives the histogram the buckets that only the chunk has, and the chunk those that only the histogram has.
    private RawHistogram Adapt(RawHistogram histogram, bool isGauge)
    {
        var positive = _recoder.Positive;
        var negative = _recoder.Negative;
        positive.Merge(Last.PositiveSpans, histogram.PositiveSpans);
        negative.Merge(Last.NegativeSpans, histogram.NegativeSpans);
        var chunkGrows = positive.ChunkLacksSome || negative.ChunkLacksSome;
        var histogramGrows = positive.HistogramLacksSome || negative.HistogramLacksSome;
        var offered = _recoder.Offered;
        offered.IsInteger = histogram.IsInteger;
        offered.CountWord = histogram.CountWord;
        offered.ZeroCountWord = histogram.ZeroCountWord;
        offered.SetShape(histogram);
        // The same buckets can be written in several ways; which one is taken shows in the bytes.
        if (histogramGrows && (chunkGrows || isGauge))
        {
            SetSpans(
                offered,
                isGauge || positive.HistogramLacksSome ? positive.Spans : histogram.PositiveSpans,
                isGauge || negative.HistogramLacksSome ? negative.Spans : histogram.NegativeSpans);
        }
        else
        {
            var same = chunkGrows ? histogram : Last;
            SetSpans(offered, same.PositiveSpans, same.NegativeSpans);
        }

        offered.SetBucketCounts(positive.Count, negative.Count);
        Place(histogram.PositiveBuckets, positive.HistogramPlaces, offered.PositiveBuckets);
        Place(histogram.NegativeBuckets, negative.HistogramPlaces, offered.NegativeBuckets);
        if (chunkGrows) Recode(offered);
        return offered;
    }

    private void Recode(RawHistogram layout)
    {
        var old = Data.Span;
        var count = Count;
        var decoder = _recoder.Decoder;
        decoder.Start(Encoding, old, count);
        Start(decoder.Header);
        var recoded = _recoder.Recoded;
        while (decoder.TryReadNext(old))
        {
            var current = decoder.Current;
            recoded.IsInteger = current.IsInteger;
            recoded.CountWord = current.CountWord;
            recoded.ZeroCountWord = current.ZeroCountWord;
            recoded.SetShape(current);
            SetSpans(recoded, layout.PositiveSpans, layout.NegativeSpans);
            recoded.SetBucketCounts(_recoder.Positive.Count, _recoder.Negative.Count);
            Place(current.PositiveBuckets, _recoder.Positive.ChunkPlaces, recoded.PositiveBuckets);
            Place(current.NegativeBuckets, _recoder.Negative.ChunkPlaces, recoded.NegativeBuckets);
            Append(decoder.TimestampMs, decoder.StartTimestampMs, recoded);
        }

        if (Count != count) throw new InvalidOperationException("an open histogram chunk cannot be decoded");
    }

    private static void SetSpans(
        RawHistogram target, ReadOnlySpan<HistogramSpan> positive, ReadOnlySpan<HistogramSpan> negative)
    {
        target.SetSpanCounts(positive.Length, negative.Length);
        positive.CopyTo(target.PositiveSpans);
        negative.CopyTo(target.NegativeSpans);
    }

    // Zero is the word 0 for integers and floats alike.
    private static void Place(ReadOnlySpan<ulong> buckets, ReadOnlySpan<int> places, Span<ulong> target)
    {
        target.Clear();
        for (var i = 0; i < buckets.Length; i++) target[places[i]] = buckets[i];
    }

    private void Append(long timestampMs, long startTimestampMs, RawHistogram histogram)
    {
        var isStale = histogram.IsStale;
        if (isStale)
        {
            histogram = _recoder.Recoded;
            histogram.SetStale(Last.IsInteger);
        }

        var previousMs = LastTimestampMs;
        if (Count == 0)
        {
            HistogramLayoutBits.Write(ref Writer, histogram);
            Writer.WriteVarbit(timestampMs);
            WriteFirst(histogram);
            previousMs = timestampMs;
            Last.Set(histogram);
        }
        else
        {
            var delta = timestampMs - previousMs;
            Writer.WriteVarbit(delta - _timeDelta);
            _timeDelta = delta;
            WriteChanges(histogram);
            Last.Sum = histogram.Sum;
            Last.CountWord = histogram.CountWord;
            Last.ZeroCountWord = histogram.ZeroCountWord;
            if (!isStale) histogram.Buckets.CopyTo(Last.Buckets);
        }

        LastTimestampMs = timestampMs;
        if (_hasStartTimestamps)
        {
            _starts.Write(
                ref Writer, HistogramChunkHeader.StartTimestampsOffset, Count, startTimestampMs, previousMs);
        }

        HistogramChunkHeader.WriteCount(Writer.Buffer, ++Count, _hasStartTimestamps);
    }
}
