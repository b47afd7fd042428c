// Hot path: every ingested histogram is logged here.
using PromHost.Chunks;
using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Tsdb;

/// <summary>
/// Writes a record of native histograms, or of floats with start timestamps (<c>docs/formats/wal.md</c>), behind what a
/// <see cref="ByteWriter"/> holds, one sample after another. Used again for the next record; for one thread.
/// </summary>
internal sealed class WalHistogramRecord
{
    private const byte NoStart = 0;
    private const byte SameStart = 1;
    private const byte ExplicitStart = 2;

    private ByteWriter _writer = null!;
    private WalRecordType _type;
    private ulong _baseRef;
    private ulong _previousRef;
    private long _baseTimeMs;
    private long _baseStartMs;
    private long _previousStartMs;

    /// <summary>Histograms in the record.</summary>
    public int Count { get; private set; }

    /// <summary>The type of the record that a histogram goes to.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="withStartTimestamps">
    /// Are start timestamps logged? Only with Prometheus's feature <c>st-storage</c>: 3.5 cannot read such a log.
    /// </param>
    public static WalRecordType TypeOf(NativeHistogram histogram, bool withStartTimestamps) =>
        (histogram.IsInteger, histogram.Schema == NativeHistogram.CustomBucketsSchema, withStartTimestamps) switch
        {
            (true, _, true) => WalRecordType.HistogramsV2,
            (false, _, true) => WalRecordType.FloatHistogramsV2,
            (true, true, _) => WalRecordType.CustomBucketsHistograms,
            (false, true, _) => WalRecordType.CustomBucketsFloatHistograms,
            (true, false, _) => WalRecordType.Histograms,
            _ => WalRecordType.FloatHistograms,
        };

    /// <summary>The type of the record that a sample goes to: a float that is here has a start timestamp.</summary>
    public static WalRecordType TypeOf(in StagedDetail detail, bool withStartTimestamps) =>
        detail.Histogram is { } histogram ? TypeOf(histogram, withStartTimestamps) : WalRecordType.SamplesV2;

    /// <summary>Begins a record.</summary>
    /// <param name="type">From <see cref="TypeOf(in StagedDetail, bool)"/>.</param>
    /// <param name="writer">Where to write.</param>
    public void Begin(WalRecordType type, ByteWriter writer)
    {
        _type = type;
        _writer = writer;
        Count = 0;
        writer.WriteByte((byte)type);
    }

    /// <summary>Adds a histogram.</summary>
    /// <param name="seriesRef">Its series.</param>
    /// <param name="timestampMs">Its timestamp.</param>
    /// <param name="startMs">Its start timestamp; left out where the record has no place for it.</param>
    /// <param name="histogram">Of the record's type.</param>
    public void Add(ulong seriesRef, long timestampMs, long startMs, RawHistogram histogram)
    {
        if (WalEntries.IsChained(_type)) AddChained(seriesRef, timestampMs, startMs);
        else AddRelative(seriesRef, timestampMs);
        Count++;
        WalHistogramContent.Write(histogram, _writer);
    }

    /// <summary>Adds a float to a record of type <see cref="WalRecordType.SamplesV2"/>.</summary>
    public void Add(ulong seriesRef, long timestampMs, long startMs, double value)
    {
        AddChained(seriesRef, timestampMs, startMs);
        Count++;
        _writer.WriteDouble(value);
    }

    private void AddRelative(ulong seriesRef, long timestampMs)
    {
        if (Count == 0)
        {
            (_baseRef, _baseTimeMs) = (seriesRef, timestampMs);
            _writer.WriteUInt64(seriesRef);
            _writer.WriteInt64(timestampMs);
        }

        _writer.WriteVarint((long)(seriesRef - _baseRef));
        _writer.WriteVarint(timestampMs - _baseTimeMs);
    }

    // The ref counts from the histogram before, the time from the first one.
    private void AddChained(ulong seriesRef, long timestampMs, long startMs)
    {
        if (Count == 0)
        {
            (_baseTimeMs, _baseStartMs) = (timestampMs, startMs);
            _writer.WriteVarint((long)seriesRef);
            _writer.WriteVarint(timestampMs);
            _writer.WriteVarint(startMs);
        }
        else
        {
            _writer.WriteVarint((long)(seriesRef - _previousRef));
            _writer.WriteVarint(timestampMs - _baseTimeMs);
            WriteStart(startMs);
        }

        (_previousRef, _previousStartMs) = (seriesRef, startMs);
    }

    private void WriteStart(long startMs)
    {
        if (startMs == 0)
        {
            _writer.WriteByte(NoStart);
        }
        else if (startMs == _previousStartMs)
        {
            _writer.WriteByte(SameStart);
        }
        else
        {
            _writer.WriteByte(ExplicitStart);
            _writer.WriteVarint(startMs - _baseStartMs);
        }
    }
}
