// Hot path: every native histogram is logged here.
using PromHost.Chunks;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Adds accepted native histograms and floats with start timestamps to a log: a record of each type that they need, in
/// Prometheus's order. For one thread.
/// </summary>
internal sealed class WalHistogramLog
{
    // A record is a copy in memory, and read as a whole.
    private const int MaxRecordBytes = 1 << 20;

    private static readonly WalRecordType[] RecordTypes =
    [
        WalRecordType.SamplesV2, WalRecordType.Histograms, WalRecordType.CustomBucketsHistograms,
        WalRecordType.FloatHistograms, WalRecordType.CustomBucketsFloatHistograms, WalRecordType.HistogramsV2,
        WalRecordType.FloatHistogramsV2,
    ];

    private readonly WalHistogramRecord _record = new();
    private readonly RawHistogram _raw = new();

    /// <summary>Adds samples, without flushing.</summary>
    public void Add(ReadOnlySpan<AcceptedDetail> samples, WalWriter wal, ByteWriter buffer)
    {
        if (samples.IsEmpty) return;
        foreach (var type in RecordTypes) Add(type, samples, wal, buffer);
    }

    private void Add(WalRecordType type, ReadOnlySpan<AcceptedDetail> samples, WalWriter wal, ByteWriter buffer)
    {
        var isOpen = false;
        foreach (ref readonly var accepted in samples)
        {
            if (accepted.Type != type) continue;
            if (isOpen && buffer.Length >= MaxRecordBytes)
            {
                wal.Append(buffer.WrittenSpan);
                isOpen = false;
            }

            if (!isOpen)
            {
                buffer.Clear();
                _record.Begin(type, buffer);
                isOpen = true;
            }

            Add(accepted);
        }

        if (isOpen) wal.Append(buffer.WrittenSpan);
    }

    private void Add(in AcceptedDetail accepted)
    {
        var (startMs, value, histogram) = accepted.Detail;
        if (histogram is null)
        {
            _record.Add(accepted.WalRef, accepted.TimestampMs, startMs, value);
            return;
        }

        _raw.Set(histogram);
        _record.Add(accepted.WalRef, accepted.TimestampMs, startMs, _raw);
    }
}
