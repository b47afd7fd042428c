// Hot path: every sample of a log that is replayed passes here.
namespace PromHost.Tsdb;

/// <summary>
/// Some records of a log, in order: float samples, decoded, and behind them at most one record of another kind. Owned
/// by one thread at a time.
/// </summary>
internal sealed class WalBatch
{
    // Small records are gathered: handing a batch to another thread costs as much as some hundred samples.
    private const int EnoughSamples = 8 * 1024;

    // What one huge record needs is given back.
    private const int MaxKeptSamples = 128 * 1024;
    private const int MaxKeptBytes = 1024 * 1024;

    private WalSample[] _samples = new WalSample[EnoughSamples];
    private WalSample[] _more = [];
    private byte[] _record = [];
    private int _count;
    private int _recordLength;

    /// <summary>The samples.</summary>
    public ReadOnlySpan<WalSample> Samples => _samples.AsSpan(0, _count);

    /// <summary>The series behind them, when the other record is one of series.</summary>
    public List<WalSeries> Series { get; } = [];

    /// <summary>The other record when it is not one of series; empty: none.</summary>
    public ReadOnlySpan<byte> Record => _record.AsSpan(0, _recordLength);

    /// <summary>Records that end in bad bytes; what is before these is in the batch.</summary>
    public int Malformed { get; private set; }

    /// <summary>The segment of the last record.</summary>
    public int Segment { get; set; }

    /// <summary>Bytes of the log read until now.</summary>
    public long LogBytes { get; set; }

    /// <summary>Is there no record in it?</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        if (_samples.Length > MaxKeptSamples) _samples = new WalSample[EnoughSamples];
        if (_more.Length > MaxKeptSamples) _more = [];
        if (_record.Length > MaxKeptBytes) _record = [];
        Series.Clear();
        _count = 0;
        _recordLength = 0;
        Malformed = 0;
        IsEmpty = true;
    }

    /// <summary>Adds a record, decoded.</summary>
    /// <returns>False when the batch takes no more; an empty one takes any record.</returns>
    public bool TryAdd(ReadOnlySpan<byte> record, WalRecordDecoder decoder)
    {
        if (_count >= EnoughSamples || _recordLength > 0 || Series.Count > 0) return false;
        IsEmpty = false;
        switch (WalRecordDecoder.TypeOf(record))
        {
            case WalRecordType.Samples:
                AddSamples(record);
                break;
            case WalRecordType.Series:
                if (!decoder.TryDecodeSeries(record, Series)) Malformed++;
                break;
            default:
                if (record.IsEmpty) Malformed++;
                if (_record.Length < record.Length) _record = new byte[Math.Max(record.Length, 2 * _record.Length)];
                record.CopyTo(_record);
                _recordLength = record.Length;
                break;
        }

        return true;
    }

    private void AddSamples(ReadOnlySpan<byte> record)
    {
        if (_count == 0)
        {
            if (!WalRecordDecoder.TryDecodeSamples(record, ref _samples, out _count)) Malformed++;
            return;
        }

        if (!WalRecordDecoder.TryDecodeSamples(record, ref _more, out var added)) Malformed++;
        if (_samples.Length - _count < added) Array.Resize(ref _samples, Math.Max(2 * _samples.Length, _count + added));
        _more.AsSpan(0, added).CopyTo(_samples.AsSpan(_count));
        _count += added;
    }
}
