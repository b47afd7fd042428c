// Hot path: compaction writes every chunk through it.
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Writes the chunk files of a block (<c>docs/formats/block-chunks.md</c>), one after the other. For one thread.
/// <code>
/// file:  magic 85BD40DD u32 | version 1 u8 | zeros u24 | chunk*
/// chunk: length uvarint | encoding u8 | data | CRC-32C of encoding and data u32
/// </code>
/// </summary>
internal sealed class ChunkSegmentWriter : IDisposable
{
    private const int OverheadBytes = Varint.MaxLength32 + 1 + sizeof(uint);

    private readonly IDataDirectory _directory;
    private readonly string _path;
    private readonly long _fileBytes;
    private BlockFileWriter? _file;
    private int _fileCount;

    /// <summary>Creates the directory of the chunk files; a file is made with its first chunk.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">Path of the chunk files' directory.</param>
    /// <param name="fileBytes">Length that a file does not exceed unless a single chunk does.</param>
    public ChunkSegmentWriter(
        IDataDirectory directory, string path, long fileBytes = BlockFormat.ChunksFileBytes)
    {
        _directory = directory;
        _path = path;
        // Offsets in a reference have 32 bits.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fileBytes, uint.MaxValue);
        _fileBytes = fileBytes;
        directory.CreateDirectory(path);
    }

    /// <summary>Writes a chunk.</summary>
    /// <returns>Its reference: file number from 0, shifted by 32, and offset in the file.</returns>
    public ulong Write(byte encoding, ReadOnlySpan<byte> data)
    {
        var file = _file;
        if (file is null || file.PositionBytes > BlockFormat.ChunksHeaderBytes &&
            file.PositionBytes + data.Length + OverheadBytes > _fileBytes)
            file = OpenNext();

        var reference = ((ulong)(_fileCount - 1) << 32) | (ulong)file.PositionBytes;
        file.WriteUvarint((ulong)data.Length);
        file.StartChecksum();
        file.WriteByte(encoding);
        file.WriteBytes(data);
        file.WriteChecksum();
        return reference;
    }

    /// <summary>Makes all files survive a power cut; nothing can be written then.</summary>
    public void Finish()
    {
        FinishFile();
        _directory.SyncDirectory(_path);
    }

    /// <summary>Closes the files; without <see cref="Finish"/> they are of no use.</summary>
    public void Dispose() => _file?.Dispose();

    private BlockFileWriter OpenNext()
    {
        FinishFile();
        _file = new BlockFileWriter(_directory, $"{_path}/{BlockFormat.ChunksFileName(++_fileCount)}");
        _file.WriteUInt32(BlockFormat.ChunksMagic);
        _file.WriteUInt32((uint)BlockFormat.ChunksVersion << 24);
        return _file;
    }

    private void FinishFile()
    {
        if (_file is null) return;
        _file.Sync();
        _file.Dispose();
        _file = null;
    }
}
