// Hot path: replay reads every byte of the log through it.
using System.Buffers.Binary;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Reads the records of a write-ahead log in order, over all its segments. Damage never ends the reading: what cannot
/// be read is passed over up to the next page that begins a record, and stands in <see cref="Damages"/>. For one
/// thread at a time.
/// </summary>
/// <remarks>
/// After damage at some fragment the rest of its page is given up, for lengths can no longer be trusted, and so are the
/// fragments of the record that it cut. At the next page's start the framing is certain again.
/// </remarks>
internal sealed class WalReader : IDisposable
{
    // A multiple of the page size.
    private const int BufferBytes = 16 * WalFormat.PageBytes;

    /// <summary>The longest record accepted; Prometheus's own are far below.</summary>
    private const int MaxRecordBytes = 1 << 30;

    private readonly IDataDirectory _directory;
    private readonly IReadOnlyList<WalSegment> _segments;
    private readonly List<WalDamage> _damages = [];
    private readonly byte[] _buffer = new byte[BufferBytes];
    private IDataFile? _file;
    private int _nextSegment;
    private long _bufferStart;
    private int _bufferLength;
    private int _position;

    // Bytes of the buffer, once it is filled, before the place where reading begins.
    private int _unwanted;

    // A record in several fragments: its stored bytes so far.
    private byte[] _chain = [];
    private int _chainLength;
    private long _chainStart = -1;

    // After damage: fragments without a beginning belong to it.
    private bool _isResyncing;
    private byte[] _decoded = [];
    private ZstdDecoder? _zstd;
    private ReadOnlyMemory<byte> _stored;

    /// <summary>A reader of the given segments, opened one after the other.</summary>
    public WalReader(IDataDirectory directory, IReadOnlyList<WalSegment> segments)
    {
        _directory = directory;
        _segments = segments;
    }

    /// <summary>What was passed over so far, in order.</summary>
    public IReadOnlyList<WalDamage> Damages => _damages;

    /// <summary>The segment of the last record.</summary>
    public WalSegment Segment { get; private set; }

    /// <summary>Where the last record begins in its segment.</summary>
    public long RecordStartBytes { get; private set; }

    /// <summary>Where the last record ends in its segment.</summary>
    public long RecordEndBytes { get; private set; }

    /// <summary>Bytes read of all segments, for progress.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>The last record as it stands in the log; valid as long as the record.</summary>
    public ReadOnlySpan<byte> Stored => _stored.Span;

    /// <summary>The compression flag of <see cref="Stored"/>.</summary>
    public byte StoredFlags { get; private set; }

    /// <summary>
    /// Record types to pass over unread, a bit for each (<c>1 &lt;&lt; type</c>). They may be given all the same where
    /// telling them costs as much as reading them.
    /// </summary>
    public int PassedOverTypes { get; init; }

    /// <summary>Where in the first segment to begin: where a record begins, or the end.</summary>
    public long StartBytes { get; init; }

    /// <summary>Where in the last segment to end: where a record ends.</summary>
    public long EndBytes { get; init; } = long.MaxValue;

    /// <summary>Are records given as they stand in the log, for whoever only asks whether they are sound?</summary>
    public bool IsLeftCompressed { get; init; }

    /// <summary>A reader of all that is to be replayed: the newest checkpoint, then the segments behind it.</summary>
    /// <exception cref="CorruptDataException">The segments' numbers have a hole.</exception>
    public static WalReader Open(IDataDirectory directory, string walPath) =>
        new(directory, WalSegments.ListForReplay(directory, walPath));

    /// <summary>Reads the next record.</summary>
    /// <param name="record">The record, decompressed; valid until the next call.</param>
    /// <returns>False at the end of the last segment.</returns>
    /// <exception cref="WalCompressionException">A record needs a library that the machine lacks.</exception>
    public bool TryRead(out ReadOnlySpan<byte> record)
    {
        while (true)
        {
            if (_position >= _bufferLength && !Fill())
            {
                EndSegment();
                if (!OpenNext())
                {
                    record = default;
                    return false;
                }

                continue;
            }

            if (TryReadFragment(out record))
                return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private bool OpenNext()
    {
        if (_nextSegment == _segments.Count)
            return false;
        // Pages are read as a whole: the framing goes by them.
        var startBytes = _nextSegment == 0 ? StartBytes : 0;
        Segment = _segments[_nextSegment++];
        _file = _directory.OpenRead(Segment.Path);
        _bufferStart = startBytes & ~(WalFormat.PageBytes - 1L);
        _bufferLength = 0;
        _position = 0;
        _unwanted = (int)(startBytes - _bufferStart);
        return true;
    }

    private bool Fill()
    {
        if (_file is null)
            return false;
        _bufferStart += _bufferLength;
        var endBytes = _nextSegment == _segments.Count ? EndBytes : long.MaxValue;
        var wanted = (int)Math.Clamp(endBytes - _bufferStart, 0, _buffer.Length);
        _bufferLength = _file.ReadFully(_buffer.AsSpan(0, wanted), _bufferStart);
        _position = Math.Min(_unwanted, _bufferLength);
        _unwanted = 0;
        TotalBytes += _bufferLength;
        return _bufferLength > _position;
    }

    // A segment ends with a whole record; what is left open was torn.
    private void EndSegment()
    {
        if (_chainStart >= 0)
            AddDamage(_chainStart, _bufferStart + _bufferLength, "the last record is torn");
        _chainStart = -1;
        _isResyncing = false;
        _file?.Dispose();
        _file = null;
    }

    // Reads one fragment, or passes over padding or damage; true when it completes a record.
    private bool TryReadFragment(out ReadOnlySpan<byte> record)
    {
        record = default;
        var pageRest = Math.Min(_bufferLength, (_position | (WalFormat.PageBytes - 1)) + 1) - _position;
        var rest = _buffer.AsSpan(_position, pageRest);
        var type = rest[0] & WalFormat.TypeMask;
        if (type == WalFormat.PageEnd)
        {
            if (rest.ContainsAnyExcept((byte)0))
                PassOverPage(pageRest, "a padded page holds a byte that is not zero");
            else
                _position += pageRest;
            return false;
        }

        if (rest.Length < WalFormat.HeaderBytes)
            return PassOverPage(pageRest, "a fragment's header is cut short");
        var length = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
        if (length > rest.Length - WalFormat.HeaderBytes)
            return PassOverPage(pageRest, "a fragment is longer than what is left of its page");
        var data = rest.Slice(WalFormat.HeaderBytes, length);
        if (Crc32C.Compute(data) != BinaryPrimitives.ReadUInt32BigEndian(rest[3..]))
            return PassOverPage(pageRest, "a fragment's checksum does not match");
        if (type > WalFormat.Last)
            return PassOverPage(pageRest, "a fragment's type is unknown");

        var start = _bufferStart + _position;
        var dataStart = _position + WalFormat.HeaderBytes;
        var flags = (byte)(rest[0] & ~WalFormat.TypeMask);
        _position = dataStart + length;
        return TryTakeFragment(type, flags, start, dataStart, length, out record);
    }

    private bool TryTakeFragment(
        int type, byte flags, long start, int dataStart, int length, out ReadOnlySpan<byte> record)
    {
        record = default;
        var end = _bufferStart + _position;
        var begins = type is WalFormat.Full or WalFormat.First;
        if (begins && _chainStart >= 0)
            AddDamage(_chainStart, start, "a record has no end");
        if (!begins && _chainStart < 0)
        {
            AddDamage(start, end, "a record has no beginning");
            _isResyncing = true;
            return false;
        }

        _isResyncing = false;
        if (type == WalFormat.Full)
        {
            _chainStart = -1;
            RecordStartBytes = start;
            _stored = _buffer.AsMemory(dataStart, length);
            return TryDecode(flags, end, out record);
        }

        if (type == WalFormat.First)
        {
            _chainStart = start;
            _chainLength = 0;
        }

        AddToChain(_buffer.AsSpan(dataStart, length));
        if (type != WalFormat.Last)
            return false;
        RecordStartBytes = _chainStart;
        _chainStart = -1;
        _stored = _chain.AsMemory(0, _chainLength);
        return TryDecode(flags, end, out record);
    }

    private bool TryDecode(byte flags, long end, out ReadOnlySpan<byte> record)
    {
        RecordEndBytes = end;
        StoredFlags = flags;
        record = _stored.Span;
        if (PassedOverTypes != 0 && IsPassedOver(record, flags))
            return false;
        if (IsLeftCompressed || record.IsEmpty || (flags & (WalFormat.SnappyFlag | WalFormat.ZstdFlag)) == 0)
            return true;
        if ((flags & WalFormat.SnappyFlag) != 0 ? TryDecodeSnappy(out var written) : TryDecodeZstd(out written))
        {
            record = _decoded.AsSpan(0, written);
            return true;
        }

        // The checksums held: only this record is bad, the framing is sound.
        AddDamage(RecordStartBytes, end, "a record cannot be decompressed");
        record = default;
        return false;
    }

    // Snappy data begins with its length, then a literal, in whose first byte the type is.
    private bool IsPassedOver(ReadOnlySpan<byte> stored, byte flags)
    {
        if ((flags & WalFormat.ZstdFlag) != 0)
            return false;
        var offset = 0;
        if ((flags & WalFormat.SnappyFlag) != 0)
        {
            const int LongestShortLiteral = 59;
            if (!Varint.TryReadUnsigned(stored, out _, out offset) || offset >= stored.Length)
                return false;
            var tag = stored[offset] >> 2;
            offset += 1 + Math.Max(0, tag - LongestShortLiteral);
        }

        return offset < stored.Length && stored[offset] < 32 && (PassedOverTypes & (1 << stored[offset])) != 0;
    }

    private bool TryDecodeSnappy(out int written)
    {
        var source = _stored.Span;
        written = 0;
        if (!SnappyDecoder.TryGetDecodedLength(source, out var length) || length > MaxRecordBytes)
            return false;
        if (_decoded.Length < length)
            _decoded = GC.AllocateUninitializedArray<byte>((int)Math.Max(length, 2L * _decoded.Length));
        return SnappyDecoder.TryDecode(source, _decoded, out written);
    }

    private bool TryDecodeZstd(out int written)
    {
        _zstd ??= ZstdDecoder.TryLoad() ?? throw new WalCompressionException(Segment.Path, RecordStartBytes);
        return _zstd.TryDecode(_stored.Span, ref _decoded, MaxRecordBytes, out written);
    }

    private void AddToChain(ReadOnlySpan<byte> data)
    {
        if (_chain.Length - _chainLength < data.Length)
            Array.Resize(ref _chain, Math.Max(2 * _chain.Length, _chainLength + WalFormat.PageBytes));
        data.CopyTo(_chain.AsSpan(_chainLength));
        _chainLength += data.Length;
    }

    private bool PassOverPage(int pageRest, string reason)
    {
        var here = _bufferStart + _position;
        AddDamage(_chainStart >= 0 ? _chainStart : here, here + pageRest, reason);
        _chainStart = -1;
        _isResyncing = true;
        _position += pageRest;
        return false;
    }

    // Damage that continues what was passed over just before is one with it.
    private void AddDamage(long start, long end, string reason)
    {
        if (_isResyncing && _damages.Count > 0 && _damages[^1] is var last && last.Path == Segment.Path)
            _damages[^1] = last with { EndBytes = end };
        else
            _damages.Add(new WalDamage(Segment.Path, start, end, reason));
    }
}
