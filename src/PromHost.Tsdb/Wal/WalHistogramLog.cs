// Hot path: every native histogram is logged here.
using PromHost.Chunks;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Adds accepted native histograms to a log: a record of each type that they need, in Prometheus's order. For one
/// thread.
/// </summary>
internal sealed class WalHistogramLog
{
    // A record is a copy in memory, and read as a whole.
    private const int MaxRecordBytes = 1 << 20;

    private static readonly WalRecordType[] RecordTypes =
    [
        WalRecordType.Histograms, WalRecordType.CustomBucketsHistograms, WalRecordType.FloatHistograms,
        WalRecordType.CustomBucketsFloatHistograms, WalRecordType.HistogramsV2, WalRecordType.FloatHistogramsV2,
    ];

    private readonly WalHistogramRecord _record = new();
    private readonly RawHistogram _raw = new();

    /// <summary>Adds histograms, without flushing.</summary>
    public void Add(ReadOnlySpan<AcceptedHistogram> histograms, WalWriter wal, ByteWriter buffer)
    {
        if (histograms.IsEmpty) return;
        foreach (var type in RecordTypes) Add(type, histograms, wal, buffer);
    }

    private void Add(
        WalRecordType type, ReadOnlySpan<AcceptedHistogram> histograms, WalWriter wal, ByteWriter buffer)
    {
        var isOpen = false;
        foreach (ref readonly var accepted in histograms)
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

            _raw.Set(accepted.Histogram);
            _record.Add(accepted.WalRef, accepted.TimestampMs, accepted.StartMs, _raw);
        }

        if (isOpen) wal.Append(buffer.WrittenSpan);
    }
}
