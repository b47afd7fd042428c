// Hot path: called once per logged record.
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Appends records to a write-ahead log in Prometheus's format (<c>docs/formats/wal.md</c>). For one thread at a time;
/// <see cref="SyncFlushed"/> and <see cref="SyncEnded"/> are any thread's.
/// </summary>
/// <remarks>
/// <para>
/// Records are gathered in memory by <see cref="Append"/> and reach the file in one write by <see cref="Flush"/>, all
/// of them or none: after <see cref="DiskFullException"/> the file is cut back to where the last flush ended, the
/// records since then are forgotten, and the log goes on as soon as there is room. After any other I/O error, or a
/// failed sync, every call throws <see cref="WalBrokenException"/>.
/// </para>
/// <para>
/// Invariant: what lies between two flushes is in one segment, so that cutting back touches one file. A segment
/// therefore ends a little before the size wanted, or is longer by one large batch.
/// </para>
/// </remarks>
internal sealed class WalWriter : IDisposable
{
    private const int MaxSlackBytes = 1024 * 1024;

    private readonly IDataDirectory _directory;
    private readonly string _path;
    private readonly long _rollAtBytes;
    private readonly WalPageBuffer _pages = new();
    private readonly WalCompressor _compressor;
    private readonly SegmentSync _sync;
    private IDataFile _file;
    private int _segment;
    private bool _isDisposed;
    private WalBrokenException? _broken;

    private WalWriter(
        IDataDirectory directory, string path, int segment, int segmentBytes, WalCompressor compressor)
    {
        _directory = directory;
        _path = path;
        _compressor = compressor;
        _rollAtBytes = segmentBytes - Math.Min(MaxSlackBytes, segmentBytes / 16);
        _segment = segment;
        _file = OpenSegment(segment);
        _sync = new SegmentSync(_file);
    }

    /// <summary>Where the next record will begin.</summary>
    public WalPosition Position => new(_segment, _pages.EndBytes);

    /// <summary>Bytes appended and not yet flushed.</summary>
    public int PendingBytes => _pages.Pending.Length;

    /// <summary>Bytes of its buffers.</summary>
    public long BufferBytes => _pages.CapacityBytes + _compressor.CapacityBytes;

    /// <summary>The error that closed the log, or null.</summary>
    public WalBrokenException? Broken => Volatile.Read(ref _broken);

    /// <summary>
    /// Opens the log of a directory for appending, behind everything that is there: in a new segment, or in the last
    /// one if it is empty. Damage must have been repaired before (<see cref="WalRepair"/>).
    /// </summary>
    /// <param name="directory">The data directory, locked.</param>
    /// <param name="path">The log's directory in it, such as <c>wal</c>; created when missing.</param>
    /// <param name="segmentBytes">Size at which a segment ends; a multiple of the page size.</param>
    /// <param name="compression">How records are compressed.</param>
    /// <exception cref="CorruptDataException">The segments' numbers have a hole.</exception>
    public static WalWriter Open(
        IDataDirectory directory,
        string path,
        int segmentBytes = WalFormat.DefaultSegmentBytes,
        WalCompression compression = WalCompression.Snappy)
    {
        var compressor = new WalCompressor(compression);
        directory.CreateDirectory(path);
        var next = WalSegments.NextNumber(directory, path);
        return new WalWriter(directory, path, next, segmentBytes, compressor);
    }

    /// <summary>
    /// Adds a record, compressed if that makes it smaller. The bytes are copied. A full segment ends here, before the
    /// record.
    /// </summary>
    /// <exception cref="DiskFullException">No room for a new segment; the record was not added.</exception>
    public void Append(ReadOnlySpan<byte> record)
    {
        ThrowIfUnusable();
        if (_pages.EndBytes >= _rollAtBytes && PendingBytes == 0)
            Roll();

        var stored = _compressor.Compress(record, out var flags);
        _pages.Add(stored, flags);
    }

    /// <summary>Adds a record as another log holds it.</summary>
    /// <param name="stored">The record's bytes there.</param>
    /// <param name="flags">Their compression: none, or a flag of <see cref="WalFormat"/>.</param>
    /// <exception cref="DiskFullException">No room for a new segment; the record was not added.</exception>
    public void AppendStored(ReadOnlySpan<byte> stored, byte flags)
    {
        ThrowIfUnusable();
        if (_pages.EndBytes >= _rollAtBytes && PendingBytes == 0)
            Roll();
        _pages.Add(stored, flags);
    }

    /// <summary>Writes what was appended; from its return on a killed process loses none of it.</summary>
    /// <exception cref="DiskFullException">No room; the records since the last flush are not in the log.</exception>
    /// <exception cref="WalBrokenException">Any other I/O error, now or earlier.</exception>
    public void Flush()
    {
        ThrowIfUnusable();
        if (PendingBytes > 0)
            WritePending();
    }

    /// <summary>Forgets the records since the last flush.</summary>
    public void DiscardPending() => _pages.Reset(_pages.StartBytes);

    /// <summary>
    /// Takes back the last flush, which began at a position: for records that must be in two logs or in none.
    /// </summary>
    /// <param name="start">The position before the first record of the flush was appended.</param>
    /// <exception cref="WalBrokenException">The file could not be cut.</exception>
    public void TakeBack(WalPosition start)
    {
        ThrowIfUnusable();
        // A segment begun meanwhile holds nothing else.
        _pages.Reset(start.Segment == _segment ? start.OffsetBytes : 0);
        CutBack();
        _sync.Wrote();
    }

    /// <summary>Flushes, and makes all of it survive a power cut.</summary>
    /// <exception cref="WalBrokenException">The sync failed, which is never retried.</exception>
    public void Sync()
    {
        Flush();
        SyncFlushed();
    }

    /// <summary>Makes what was flushed before the call survive a power cut. Any thread's.</summary>
    /// <returns>False when it was so already.</returns>
    /// <exception cref="WalBrokenException">The sync failed, which is never retried.</exception>
    public bool SyncFlushed() => RunSync(onlyEnded: false);

    /// <summary>The same for the segments that have ended, but not for the one that is written to.</summary>
    /// <inheritdoc cref="SyncFlushed"/>
    public bool SyncEnded() => RunSync(onlyEnded: true);

    /// <summary>Ends the segment, unless it is empty, and begins the next one; returns its number.</summary>
    public int StartSegment()
    {
        Flush();
        if (_pages.EndBytes > 0)
            Roll();
        return _segment;
    }

    /// <summary>Flushes, ends the last page, syncs and closes. Errors are thrown after the file is closed.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        try
        {
            if (Broken is null)
            {
                _pages.EndPage();
                if (PendingBytes > 0)
                    WritePending();
                SyncFlushed();
            }
        }
        finally
        {
            _isDisposed = true;
            _sync.Dispose();
        }
    }

    private void WritePending()
    {
        try
        {
            _file.Write(_pages.Pending, _pages.StartBytes);
        }
        catch (DiskFullException)
        {
            CutBack();
            throw;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Break(error);
        }
        finally
        {
            _sync.Wrote();
        }

        _pages.Reset(_pages.EndBytes);
    }

    private void CutBack()
    {
        DiscardPending();
        try
        {
            _file.SetLength(_pages.StartBytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Break(error);
        }
    }

    private bool RunSync(bool onlyEnded)
    {
        if (Broken is not null)
            ThrowBroken();
        try
        {
            return _sync.Run(onlyEnded);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Break(error);
        }
    }

    private void Roll()
    {
        _pages.EndPage();
        if (PendingBytes > 0)
            WritePending();
        _file = OpenSegment(_segment + 1);
        _sync.Begin(_file);
        _segment++;
        _pages.Reset(0);
    }

    private IDataFile OpenSegment(int number)
    {
        var path = WalSegments.PathOf(_path, number);
        try
        {
            // An empty segment is left by a start that wrote nothing, or by a full disk right after its creation.
            if (_directory.FileExists(path))
                return _directory.OpenWrite(path);
            _directory.Create(path).Dispose();
            _directory.SyncDirectory(_path);
            return _directory.OpenWrite(path);
        }
        catch (Exception error)
            when (error is IOException and not DiskFullException or UnauthorizedAccessException)
        {
            throw Break(error);
        }
    }

    private WalBrokenException Break(Exception error)
    {
        var broken = new WalBrokenException(error);
        return Interlocked.CompareExchange(ref _broken, broken, null) ?? broken;
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Broken is not null)
            ThrowBroken();
    }

    private void ThrowBroken() => throw new WalBrokenException(_broken!.InnerException!);
}
