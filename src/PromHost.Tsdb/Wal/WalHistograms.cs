// Hot path: replay reads every logged histogram here.
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>
/// Reads the histograms of one record, one after another, into a buffer. Any bytes are safe; a histogram that is none
/// is passed over and counted, as in Prometheus.
/// </summary>
internal ref struct WalHistograms
{
    private readonly ReadOnlySpan<byte> _record;
    private readonly RawHistogram _histogram;
    private readonly bool _isInteger;
    private WalEntries _entries;

    /// <summary>Before the first histogram.</summary>
    /// <param name="record">A record of one of the histogram types.</param>
    /// <param name="histogram">Filled by <see cref="MoveNext"/>.</param>
    public WalHistograms(ReadOnlySpan<byte> record, RawHistogram histogram)
    {
        _record = record;
        _histogram = histogram;
        _entries = new WalEntries(record);
        _isInteger = WalRecordDecoder.TypeOf(record) is WalRecordType.Histograms
            or WalRecordType.CustomBucketsHistograms or WalRecordType.HistogramsV2;
    }

    /// <summary>The series of the histogram.</summary>
    public readonly ulong Ref => _entries.Ref;

    /// <summary>Its timestamp.</summary>
    public readonly long TimestampMs => _entries.TimeMs;

    /// <summary>Its start timestamp; 0 is unknown.</summary>
    public readonly long StartTimestampMs => _entries.StartTimeMs;

    /// <summary>Histograms passed over: of an unknown schema, or with other buckets than their spans say.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Did the record end in bad bytes?</summary>
    public readonly bool IsMalformed => _entries.IsMalformed;

    /// <summary>Is it a type of record with histograms?</summary>
    public static bool Holds(WalRecordType type) => type
        is (>= WalRecordType.Histograms and <= WalRecordType.CustomBucketsFloatHistograms)
        or WalRecordType.HistogramsV2 or WalRecordType.FloatHistogramsV2;

    /// <summary>Goes to the next histogram; false behind the last one, and at bad bytes.</summary>
    public bool MoveNext()
    {
        while (_entries.MoveNext())
        {
            var content = _record[_entries.ContentStart.._entries.End];
            if (WalHistogramContent.TryRead(content, _isInteger, _histogram)) return true;
            Unreadable++;
        }

        return false;
    }
}
