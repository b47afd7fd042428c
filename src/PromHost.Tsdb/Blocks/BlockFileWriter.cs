// Hot path: every byte of a block goes through one.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Writes a file of a block front to back through a buffer, and checksums of its parts. It syncs every few MiB, so that
/// the last sync is no long one that others on the same disk would wait for. For one thread.
/// </summary>
internal sealed class BlockFileWriter : IDisposable
{
    private const int BufferBytes = 256 * 1024;
    private const long SyncEveryBytes = 16 * 1024 * 1024;

    private readonly IDataFile _file;
    private readonly ByteWriter _buffer = new(BufferBytes + 1024);
    private long _flushedBytes;
    private long _syncedBytes;
    private uint _checksum;
    private int _checksumStart;

    /// <summary>Creates the file; an <see cref="IOException"/> when it exists.</summary>
    public BlockFileWriter(IDataDirectory directory, string path)
    {
        Path = path;
        _file = directory.Create(path);
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>Where the next byte goes.</summary>
    public long PositionBytes => _flushedBytes + _buffer.Length;

    /// <summary>Writes a byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        _buffer.WriteByte(value);
        FlushWhenFull();
    }

    /// <summary>Writes a big-endian 32-bit integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteUInt32(uint value)
    {
        _buffer.WriteUInt32(value);
        FlushWhenFull();
    }

    /// <summary>Writes a big-endian 64-bit integer.</summary>
    public void WriteUInt64(ulong value)
    {
        _buffer.WriteUInt64(value);
        FlushWhenFull();
    }

    /// <summary>Writes a uvarint.</summary>
    public void WriteUvarint(ulong value)
    {
        _buffer.WriteUvarint(value);
        FlushWhenFull();
    }

    /// <summary>Writes the length as a uvarint, then the bytes.</summary>
    public void WriteUvarintBytes(ReadOnlySpan<byte> bytes)
    {
        _buffer.WriteUvarint((ulong)bytes.Length);
        WriteBytes(bytes);
    }

    /// <summary>Writes the bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        _buffer.WriteBytes(bytes);
        FlushWhenFull();
    }

    /// <summary>Writes zeros up to a position that is a multiple of <paramref name="unitBytes"/>.</summary>
    public void AlignTo(int unitBytes)
    {
        while (PositionBytes % unitBytes != 0) _buffer.WriteByte(0);
    }

    /// <summary>Begins a checksum with the next byte.</summary>
    public void StartChecksum()
    {
        _checksum = 0;
        _checksumStart = _buffer.Length;
    }

    /// <summary>Writes the CRC-32C of all bytes since <see cref="StartChecksum"/>.</summary>
    public void WriteChecksum() =>
        WriteUInt32(Crc32C.Append(_checksum, _buffer.WrittenSpan[_checksumStart..]));

    /// <summary>Overwrites four bytes written before, which no checksum covers.</summary>
    public void Patch(long offsetBytes, uint value)
    {
        Flush();
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        _file.Write(bytes, offsetBytes);
    }

    /// <summary>Hands everything to the file, so that a mapping shows it.</summary>
    public void Flush()
    {
        if (_buffer.Length == 0) return;
        _checksum = Crc32C.Append(_checksum, _buffer.WrittenSpan[_checksumStart..]);
        _checksumStart = 0;
        _file.Write(_buffer.WrittenSpan, _flushedBytes);
        _flushedBytes += _buffer.Length;
        _buffer.Clear();
        if (_flushedBytes - _syncedBytes >= SyncEveryBytes) SyncFile();
    }

    /// <summary>Makes everything survive a power cut.</summary>
    public void Sync()
    {
        Flush();
        SyncFile();
    }

    /// <summary>Closes the file; what was not flushed is lost.</summary>
    public void Dispose()
    {
        _buffer.Dispose();
        _file.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FlushWhenFull()
    {
        if (_buffer.Length >= BufferBytes) Flush();
    }

    private void SyncFile()
    {
        _file.Sync();
        _syncedBytes = _flushedBytes;
    }
}
