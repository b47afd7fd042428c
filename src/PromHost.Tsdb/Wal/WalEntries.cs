// Hot path: a checkpoint walks every record of the segments it replaces.
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Walks the entries of one record without decoding their content: whose they are, when, and which bytes are theirs.
/// For all record types of <c>docs/formats/wal.md</c>. Any bytes are safe.
/// </summary>
internal ref struct WalEntries
{
    private const byte NoStart = 0;
    private const byte SameStart = 1;

    private readonly WalRecordType _type;
    private ByteReader _reader;
    private ulong _baseRef;
    private long _baseTimeMs;
    private long _baseStartMs;
    private bool _isFirst = true;

    /// <summary>Before the first entry of a record.</summary>
    public WalEntries(ReadOnlySpan<byte> record)
    {
        _type = WalRecordDecoder.TypeOf(record);
        _reader = new ByteReader(record);
        IsMalformed = _type == WalRecordType.Unknown;
        _reader.TrySkip(1);
        if (HasBase(_type) && !_reader.IsAtEnd)
            IsMalformed |= !_reader.TryReadUInt64(out _baseRef) || !_reader.TryReadInt64(out _baseTimeMs);
        HeaderBytes = _reader.Position;
    }

    /// <summary>Bytes before the first entry.</summary>
    public int HeaderBytes { get; }

    /// <summary>Has something been met that cannot be walked: bad bytes, or a record type that is unknown?</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>The series of the entry.</summary>
    public ulong Ref { get; private set; }

    /// <summary>
    /// The entry's timestamp; the end of a tombstone's range; <see cref="long.MaxValue"/> where there is no time.
    /// </summary>
    public long TimeMs { get; private set; }

    /// <summary>The start timestamp of a sample that has one, else 0.</summary>
    public long StartTimeMs { get; private set; }

    /// <summary>Where the entry begins in the record.</summary>
    public int Start { get; private set; }

    /// <summary>Where its content behind ref and times begins.</summary>
    public int ContentStart { get; private set; }

    /// <summary>Where the entry ends.</summary>
    public readonly int End => _reader.Position;

    /// <summary>Are entries relative to those before them, so that they cannot be copied alone?</summary>
    public static bool IsChained(WalRecordType type) => type >= WalRecordType.SamplesV2;

    /// <summary>Goes to the next entry; false behind the last one, and at bad bytes.</summary>
    public bool MoveNext()
    {
        if (IsMalformed || _reader.IsAtEnd)
            return false;
        Start = _reader.Position;
        if (TryReadEntry())
            return true;
        IsMalformed = true;
        return false;
    }

    private static bool HasBase(WalRecordType type) => type is WalRecordType.Samples or WalRecordType.Exemplars
        or (>= WalRecordType.Histograms and <= WalRecordType.CustomBucketsFloatHistograms);

    private bool TryReadEntry()
    {
        switch (_type)
        {
            case WalRecordType.Series:
                return TryReadRef() && TrySkipLabels();
            case WalRecordType.Tombstones:
                return TryReadRef() && TryReadRange();
            case WalRecordType.MmapMarkers:
                return TryReadRef() && _reader.TrySkip(sizeof(ulong));
            case WalRecordType.Metadata:
                return TryReadMetadata();
            case WalRecordType.Samples:
                return TryReadDeltas() && _reader.TrySkip(sizeof(double));
            case WalRecordType.Exemplars:
                return TryReadDeltas() && _reader.TrySkip(sizeof(double)) && TrySkipLabels();
            case WalRecordType.Histograms or WalRecordType.CustomBucketsHistograms:
                return TryReadDeltas() && TrySkipHistogram(isFloat: false);
            case WalRecordType.FloatHistograms or WalRecordType.CustomBucketsFloatHistograms:
                return TryReadDeltas() && TrySkipHistogram(isFloat: true);
            case WalRecordType.SamplesV2:
                return TryReadChained() && _reader.TrySkip(sizeof(double));
            case WalRecordType.HistogramsV2:
                return TryReadChained() && TrySkipHistogram(isFloat: false);
            case WalRecordType.FloatHistogramsV2:
                return TryReadChained() && TrySkipHistogram(isFloat: true);
            default:
                return false;
        }
    }

    private bool TryReadRef()
    {
        TimeMs = long.MaxValue;
        var complete = _reader.TryReadUInt64(out var seriesRef);
        Ref = seriesRef;
        ContentStart = _reader.Position;
        return complete;
    }

    private bool TryReadRange()
    {
        var complete = _reader.TryReadVarint(out _) & _reader.TryReadVarint(out var max);
        TimeMs = max;
        return complete;
    }

    private bool TryReadMetadata()
    {
        TimeMs = long.MaxValue;
        if (!_reader.TryReadUvarint(out var seriesRef))
            return false;
        Ref = seriesRef;
        ContentStart = _reader.Position;
        return _reader.TrySkip(1) && _reader.TryReadUvarint32(out var fields) && TrySkipTexts(2L * fields);
    }

    private bool TryReadDeltas()
    {
        if (!_reader.TryReadVarint(out var refDelta) || !_reader.TryReadVarint(out var timeDelta))
            return false;
        Ref = _baseRef + (ulong)refDelta;
        TimeMs = _baseTimeMs + timeDelta;
        ContentStart = _reader.Position;
        return true;
    }

    // The first entry has plain numbers; then the ref counts from the entry before, times from the first entry.
    private bool TryReadChained()
    {
        if (!_reader.TryReadVarint(out var seriesRef) || !_reader.TryReadVarint(out var time))
            return false;
        long start = 0;
        if (_isFirst)
        {
            if (!_reader.TryReadVarint(out start))
                return false;
            _isFirst = false;
            (_baseTimeMs, _baseStartMs) = (time, start);
            (Ref, TimeMs, StartTimeMs) = ((ulong)seriesRef, time, start);
        }
        else
        {
            if (!_reader.TryReadByte(out var marker) || (marker > SameStart && !_reader.TryReadVarint(out start)))
                return false;
            Ref += (ulong)seriesRef;
            TimeMs = _baseTimeMs + time;
            if (marker == NoStart)
                StartTimeMs = 0;
            else if (marker != SameStart)
                StartTimeMs = _baseStartMs + start;
        }

        ContentStart = _reader.Position;
        return true;
    }

    private bool TrySkipLabels() => _reader.TryReadUvarint32(out var count) && TrySkipTexts(2L * count);

    private bool TrySkipTexts(long count)
    {
        for (; count > 0; count--)
        {
            if (!_reader.TryReadUvarintBytes(out _))
                return false;
        }

        return true;
    }

    private bool TrySkipHistogram(bool isFloat)
    {
        const int CustomBuckets = -53;
        if (!_reader.TrySkip(1) || !_reader.TryReadVarint(out var schema) || !_reader.TrySkip(sizeof(double)))
            return false;
        var counts = isFloat
            ? _reader.TrySkip(2 * sizeof(double))
            : _reader.TryReadUvarint(out _) && _reader.TryReadUvarint(out _);
        return counts
            && _reader.TrySkip(sizeof(double))
            && TrySkipNumbers(2) && TrySkipNumbers(2)
            && (isFloat ? TrySkipDoubles() && TrySkipDoubles() : TrySkipNumbers(1) && TrySkipNumbers(1))
            && (schema != CustomBuckets || TrySkipDoubles());
    }

    private bool TrySkipNumbers(int perItem)
    {
        if (!_reader.TryReadUvarint32(out var count))
            return false;
        for (var left = (long)count * perItem; left > 0; left--)
        {
            if (!_reader.TryReadUvarint(out _))
                return false;
        }

        return true;
    }

    private bool TrySkipDoubles() =>
        _reader.TryReadUvarint32(out var count)
        && count <= _reader.Remaining / sizeof(double)
        && _reader.TrySkip(count * sizeof(double));
}
