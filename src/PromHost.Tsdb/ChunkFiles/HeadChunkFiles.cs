// Hot path: Read is called per chunk of a query, Write per full chunk.
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The full chunks of the head, in mapped <c>chunks_head</c> files (<c>docs/formats/chunks-head.md</c>). One thread
/// writes; any number read. What is in these files is in the write-ahead log as well, so nothing here is synced before
/// the log is to be cut, and damaged ends may be given up.
/// </summary>
/// <remarks>
/// <para>
/// Chunks of samples that came out of order have files of their own, which no start reads (<see cref="CreateLate"/>):
/// their log has the samples until they are in blocks.
/// </para>
/// <para>
/// A file is made at its full size as a hole, mapped once, and filled by positioned writes; it is cut to its content
/// only when no mapping is left (on <see cref="Dispose"/>, and at the next start after a crash). Chunks not yet written
/// to the file lie in a buffer that readers see as well.
/// </para>
/// <para>
/// Invariant: the files hold a prefix of all chunks given to <see cref="Write"/>, in that order. Replay takes from the
/// log only samples newer than a series' mapped chunks, so a chunk kept behind one that is missing would hide samples.
/// Hence what could not be written is written before anything else, and a file is synced before the next one begins.
/// </para>
/// <para>
/// Invariant: <see cref="ReadState"/> is never changed once published, and the bytes of a chunk never change once its
/// ref was handed out: a reader that got a ref sees the chunk in whatever state it loads.
/// </para>
/// </remarks>
internal sealed class HeadChunkFiles : IDisposable
{
    // Below the size at which arrays go to the large object heap: a new one is made for every write to the file.
    private const int BufferBytes = 64 * 1024;
    private const int MaxBacklogBytes = 64 * 1024 * 1024;

    // Behind these the processor sees by itself that bytes are read in order.
    private const int ExpectedBytes = 256;
    private const int CacheLineBytes = 64;

    private readonly IDataDirectory _directory;
    private readonly string _path;
    private readonly int _maxFileBytes;
    private readonly Queue<(HeadChunkHeader Header, byte[] Chunk)> _backlog = [];
    private int _backlogBytes;
    private Exception? _closedBy;
    private ReadState _state;
    private IDataFile? _file;
    private byte[] _buffer = [];
    private int _buffered;
    private int _lastNumber;
    private bool _isScanned;
    private bool _isDisposed;

    private HeadChunkFiles(IDataDirectory directory, string path, int maxFileBytes, ReadState state)
    {
        _directory = directory;
        _path = path;
        _maxFileBytes = maxFileBytes;
        _state = state;
    }

    /// <summary>Numbers of the first and the last file; 0 when there is none.</summary>
    public (int First, int Last) FileNumbers =>
        _state.Maps.Length == 0 ? (0, 0) : (_state.FirstNumber, _state.FirstNumber + _state.Maps.Length - 1);

    /// <summary>
    /// Opens the files of a data directory, under its lock. <see cref="ForEach"/> must follow before the first
    /// <see cref="Write"/> or <see cref="Read(ChunkDiskRef)"/>.
    /// </summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="maxFileBytes">The size at which a file ends; for tests.</param>
    public static HeadChunkFiles Open(IDataDirectory directory, int maxFileBytes = HeadChunkFormat.MaxFileBytes)
    {
        directory.CreateDirectory(HeadChunkFormat.DirectoryName);
        return new HeadChunkFiles(
            directory, HeadChunkFormat.DirectoryName, maxFileBytes, new ReadState(1, [], 0, 0, []));
    }

    /// <summary>
    /// Makes the files of chunks of samples that came out of order; what is there of an earlier process is deleted.
    /// </summary>
    /// <remarks>
    /// In <c>chunks_head</c> they would stay when their samples are in blocks already, as long as other chunks of the
    /// same file are needed: a start, ours or Prometheus's, would bring back what was deleted meanwhile.
    /// </remarks>
    public static HeadChunkFiles CreateLate(IDataDirectory directory, int maxFileBytes = HeadChunkFormat.MaxFileBytes)
    {
        const string Path = HeadChunkFormat.LateDirectoryName;
        directory.CreateDirectory(Path);
        foreach (var name in directory.List(Path)) directory.Delete($"{Path}/{name}");
        return new HeadChunkFiles(directory, Path, maxFileBytes, new ReadState(1, [], 0, 0, [])) { _isScanned = true };
    }

    /// <summary>
    /// Shows every chunk of every file to <paramref name="visit"/>, oldest first, up to the first damage; what follows
    /// it goes to quarantine.
    /// To be called once, before anything else.
    /// </summary>
    /// <returns>What was cut off.</returns>
    public IReadOnlyList<Damage> ForEach(HeadChunkVisitor visit)
    {
        if (_isScanned)
            throw new InvalidOperationException("the files were read before");
        var maps = new List<MappedFile>();
        try
        {
            var scan = HeadChunkScan.Run(_directory, maps, visit);
            _state = new ReadState(scan.FirstNumber, [.. maps], 0, 0, []);
            _lastNumber = FileNumbers.Last;
            _isScanned = true;
            return scan.Damages;
        }
        catch
        {
            foreach (var map in maps)
                map.Dispose();
            throw;
        }
    }

    /// <summary>Stores a chunk; it can be read at once. One thread at a time.</summary>
    /// <param name="seriesRef">The series; not 0.</param>
    /// <param name="minTimestampMs">Time of its first sample.</param>
    /// <param name="maxTimestampMs">Time of its last sample.</param>
    /// <param name="encoding">Encoding byte, with the out-of-order mask where it applies.</param>
    /// <param name="chunk">The chunk's data; copied.</param>
    /// <exception cref="IOException">
    /// The chunk has no place yet, for want of room (<see cref="DiskFullException"/>) or another error, and is to be
    /// kept by the caller; earlier ones can still be read. The call must not be repeated: the chunk is written before
    /// the next one. After a failed sync, or when too much is waiting, this is so until the process ends.
    /// </exception>
    public ChunkDiskRef Write(
        ulong seriesRef, long minTimestampMs, long maxTimestampMs, byte encoding, ReadOnlySpan<byte> chunk)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_isScanned)
            throw new InvalidOperationException("the files there are have not been read yet");
        if (_closedBy is not null)
            throw new IOException($"the head's chunk files are closed after an error: {_closedBy.Message}", _closedBy);
        var header = new HeadChunkHeader(seriesRef, minTimestampMs, maxTimestampMs, encoding);
        try
        {
            while (_backlog.TryPeek(out var oldest))
            {
                Place(oldest.Header, oldest.Chunk);
                _backlog.Dequeue();
                _backlogBytes -= oldest.Chunk.Length;
            }

            return Place(header, chunk);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Postpone(header, chunk, error);
            throw;
        }
    }

    /// <summary>The data of a chunk.</summary>
    /// <returns>
    /// Bytes that stay as they are until the file is retired by <see cref="RetireBefore"/> or this object disposed of.
    /// </returns>
    /// <exception cref="CorruptDataException">There is no sound chunk at this place.</exception>
    public ReadOnlySpan<byte> Read(ChunkDiskRef chunkRef) => Read(chunkRef, out _);

    /// <summary>The data of a chunk and what stands before it; else as <see cref="Read(ChunkDiskRef)"/>.</summary>
    public ReadOnlySpan<byte> Read(ChunkDiskRef chunkRef, out HeadChunkHeader header)
    {
        var source = Volatile.Read(ref _state).BytesFrom(chunkRef);
        if (HeadChunkFormat.ReadChunk(source, out header, out var data) is { } problem)
            throw new CorruptDataException(problem, HeadChunkFormat.PathOf(chunkRef.FileNumber), chunkRef.OffsetBytes);
        return data;
    }

    /// <summary>
    /// Says that a chunk is about to be read: its beginning is brought to the processor meanwhile. A series has its
    /// chunks far from each other, each a wait for the memory otherwise.
    /// </summary>
    public void Expect(ChunkDiskRef chunkRef)
    {
        var source = Volatile.Read(ref _state).BytesFrom(chunkRef);
        if (!Sse.IsSupported || source.Length < ExpectedBytes) return;
        unsafe
        {
            // A hint: should the bytes be moved or unmapped meanwhile, nothing happens.
            var start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(source));
            for (var at = 0; at < ExpectedBytes; at += CacheLineBytes) Sse.Prefetch0(start + at);
        }
    }

    /// <summary>
    /// Gives the memory of the mapped files back to the system; all chunks stay readable. For a reader of all of them,
    /// who keeps them from being retired meanwhile.
    /// </summary>
    public void ForgetMemory()
    {
        foreach (var map in Volatile.Read(ref _state).Maps) map.Forget(0, map.LengthBytes);
    }

    /// <summary>Writes buffered chunks to their file. The writing thread's.</summary>
    public void Flush()
    {
        if (_buffered == 0)
            return;
        WriteBuffer();
        UseNewBuffer(_state.BufferStart, 0);
    }

    /// <summary>Makes all chunks survive a power cut: needed before the log that holds them too is cut.</summary>
    public void Sync()
    {
        Flush();
        SyncFile();
    }

    /// <summary>
    /// Takes the files with numbers below <paramref name="firstKept"/> out of sight, but never the one being written;
    /// refs into them are not used any more. The writing thread's.
    /// </summary>
    /// <returns>The files, to be deleted when no reader is left that may hold a span of them; null: none.</returns>
    public RetiredChunkFiles? RetireBefore(int firstKept)
    {
        var (first, last) = FileNumbers;
        var end = Math.Min(firstKept, _file is null ? last + 1 : _state.BufferNumber);
        var count = Math.Max(0, end - first);
        if (count == 0 || first == 0)
            return null;
        var state = _state;
        Volatile.Write(ref _state, state with { FirstNumber = end, Maps = state.Maps[count..] });
        return new RetiredChunkFiles(_directory, _path, first, state.Maps[..count]);
    }

    /// <summary>Ends the file being written; the next chunk begins another one. The writing thread's.</summary>
    /// <returns>The lowest number that the next file may have.</returns>
    /// <exception cref="IOException">What is buffered could not be written; all is as it was.</exception>
    public int EndFile()
    {
        if (_file is null)
            return _lastNumber + 1;
        WriteBuffer();
        Volatile.Write(ref _state, _state with { BufferNumber = 0, BufferStart = 0, Buffer = [] });
        _file.Dispose();
        _file = null;
        return _lastNumber + 1;
    }

    /// <summary>Writes, syncs, unmaps and closes everything, and cuts the last file to its content.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        try
        {
            Sync();
        }
        finally
        {
            _isDisposed = true;
            foreach (var map in _state.Maps)
                map.Dispose();
            CutToContent();
        }
    }

    private ChunkDiskRef Place(in HeadChunkHeader header, ReadOnlySpan<byte> chunk)
    {
        var size = HeadChunkFormat.SizeOf(chunk.Length);
        if (_file is null || _state.BufferStart + _buffered + size > _maxFileBytes)
            StartFile();
        if (_buffered + size > _buffer.Length)
        {
            WriteBuffer();
            UseNewBuffer(_state.BufferStart, size);
        }

        var chunkRef = new ChunkDiskRef(_state.BufferNumber, _state.BufferStart + _buffered);
        _buffered += HeadChunkFormat.WriteChunk(_buffer.AsSpan(_buffered), header, chunk);
        return chunkRef;
    }

    private void Postpone(in HeadChunkHeader header, ReadOnlySpan<byte> chunk, Exception error)
    {
        _backlog.Enqueue((header, chunk.ToArray()));
        _backlogBytes += chunk.Length;
        if (_backlogBytes <= MaxBacklogBytes && _closedBy is null)
            return;
        _closedBy ??= error;
        _backlog.Clear();
        _backlogBytes = 0;
    }

    // Never retried: the next sync would report success for pages that the kernel has dropped.
    private void SyncFile()
    {
        if (_closedBy is not null || _file is null)
            return;
        try
        {
            _file.Sync();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _closedBy = error;
            throw;
        }
    }

    private void CutToContent()
    {
        if (_file is null)
            return;
        try
        {
            if (_buffered == 0)
                _file.SetLength(_state.BufferStart);
        }
        finally
        {
            _file.Dispose();
        }
    }

    // Moves the buffer's content to the file; the buffer stays readable for those who hold the old state.
    private void WriteBuffer()
    {
        if (_buffered == 0)
            return;
        try
        {
            _file!.Write(_buffer.AsSpan(0, _buffered), _state.BufferStart);
        }
        catch (IOException)
        {
            EraseTorn(_state.BufferStart, _buffered);
            throw;
        }

        Volatile.Write(ref _state, _state with { BufferStart = _state.BufferStart + _buffered, Buffer = [] });
        _buffer = [];
        _buffered = 0;
    }

    // What a failed write has left: a start by Prometheus would take half a chunk for damage. Only pages that have it
    // already are needed for the zeros.
    private void EraseTorn(int start, int count)
    {
        const int PageBytes = 4096;
        Span<byte> zeros = stackalloc byte[PageBytes];
        zeros.Clear();
        for (var end = start + count; start < end;)
        {
            var length = Math.Min(end - start, PageBytes - (start % PageBytes));
            try
            {
                _file!.Write(zeros[..length], start);
            }
            catch (IOException)
            {
                // Then the page is a hole, or the error is told by the next write.
            }

            start += length;
        }
    }

    private void UseNewBuffer(int start, int neededBytes)
    {
        _buffer = GC.AllocateUninitializedArray<byte>(Math.Max(BufferBytes, neededBytes));
        Volatile.Write(ref _state, _state with { BufferStart = start, Buffer = _buffer });
    }

    private void StartFile()
    {
        WriteBuffer();
        SyncFile();
        var number = _lastNumber + 1;
        var path = HeadChunkFormat.PathOf(number, _path);
        var file = _directory.Create(path);
        MappedFile map;
        try
        {
            Span<byte> header = stackalloc byte[HeadChunkFormat.FileHeaderBytes];
            HeadChunkFormat.WriteFileHeader(header);
            file.Write(header, 0);
            file.SetLength(_maxFileBytes);
            _directory.SyncDirectory(_path);
            map = _directory.Map(path, _maxFileBytes);
        }
        catch
        {
            file.Dispose();
            _directory.Delete(path);
            throw;
        }

        _file?.Dispose();
        _file = file;
        _lastNumber = number;
        _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        var first = _state.Maps.Length == 0 ? number : _state.FirstNumber;
        Volatile.Write(
            ref _state,
            new ReadState(first, [.. _state.Maps, map], number, HeadChunkFormat.FileHeaderBytes, _buffer));
    }

    // What a reader needs, in one piece. Files from FirstNumber on are mapped; chunks of the file BufferNumber from
    // BufferStart on are in the buffer.
    private sealed record ReadState(
        int FirstNumber, MappedFile[] Maps, int BufferNumber, int BufferStart, byte[] Buffer)
    {
        public ReadOnlySpan<byte> BytesFrom(ChunkDiskRef chunkRef)
        {
            var offset = chunkRef.OffsetBytes;
            if (chunkRef.FileNumber == BufferNumber && offset >= BufferStart)
                return offset - BufferStart < Buffer.Length ? Buffer.AsSpan(offset - BufferStart) : default;
            var index = (uint)(chunkRef.FileNumber - FirstNumber);
            if (index >= (uint)Maps.Length || offset < HeadChunkFormat.FileHeaderBytes)
                return default;
            var bytes = Maps[index].Bytes;
            return offset < bytes.Length ? bytes[offset..] : default;
        }
    }
}
