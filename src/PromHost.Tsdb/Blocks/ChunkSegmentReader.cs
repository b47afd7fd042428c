// Hot path: queries read chunks here.
using System.Buffers.Binary;
using System.Globalization;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The chunk files of a block, mapped (Prometheus <c>tsdb/docs/format/chunks.md</c>;
/// <c>docs/formats/block-chunks.md</c>). Whatever it hands out is valid until it is disposed of. Thread-safe.
/// </summary>
/// <remarks>
/// A chunk is <c>length (uvarint) | encoding (1) | data | CRC-32C of encoding and data (4)</c>. A reference is the
/// position of the file among the files in order of their numbers (4), and the offset in it (4).
/// </remarks>
internal sealed class ChunkSegmentReader : IDisposable
{
    private const int HeaderBytes = BlockFormat.ChunksHeaderBytes;
    private const int EncodingBytes = 1;
    private const int ChecksumBytes = 4;

    private readonly string _path;
    private readonly (string Path, MappedFile Map)[] _files;

    // Files as memory to take chunks from; empty for those that exceed what one piece can hold.
    private readonly ReadOnlyMemory<byte>[] _memory;

    private ChunkSegmentReader(string path, (string Path, MappedFile Map)[] files)
    {
        _path = path;
        _files = files;
        _memory = new ReadOnlyMemory<byte>[files.Length];
        for (var i = 0; i < files.Length; i++)
        {
            var map = files[i].Map;
            SizeBytes += map.LengthBytes;
            if (map.LengthBytes <= int.MaxValue) _memory[i] = map.Memory(0, (int)map.LengthBytes);
        }
    }

    /// <summary>Size of all files in bytes.</summary>
    public long SizeBytes { get; }

    /// <summary>Maps all files of a directory; their chunks are checked when they are read.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">The directory of the chunk files below it; none is as good as an empty one.</param>
    /// <exception cref="CorruptDataException">A file is no chunk file, or one before it is missing.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ChunkSegmentReader Open(IDataDirectory directory, string path)
    {
        var numbers = new List<(ulong Number, string Name)>();
        foreach (var name in directory.List(path))
        {
            if (ulong.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                numbers.Add((number, name));
        }

        numbers.Sort();
        var files = new List<(string, MappedFile)>(numbers.Count);
        try
        {
            foreach (var (number, name) in numbers)
            {
                var file = $"{path}/{name}";
                // The chunks of later files would be taken for those of earlier ones.
                if (number != (ulong)files.Count + 1)
                    throw new CorruptDataException($"chunk file {files.Count + 1} is missing", file, 0);
                files.Add((file, OpenFile(directory, file)));
            }
        }
        catch
        {
            foreach (var (_, map) in files) map.Dispose();
            throw;
        }

        return new ChunkSegmentReader(path, [.. files]);
    }

    /// <summary>Reads a chunk.</summary>
    /// <param name="reference">As the index has it.</param>
    /// <param name="encoding">Its encoding byte.</param>
    /// <returns>Its data.</returns>
    /// <exception cref="CorruptDataException">There is no sound chunk at this place.</exception>
    public ReadOnlySpan<byte> Read(ulong reference, out byte encoding)
    {
        var (map, offset, length) = Find(reference);
        var bytes = map.Slice(offset, EncodingBytes + length);
        encoding = bytes[0];
        return bytes[EncodingBytes..];
    }

    /// <summary>Reads a chunk as memory that can be handed on.</summary>
    /// <exception cref="CorruptDataException">There is no sound chunk at this place.</exception>
    public ReadOnlyMemory<byte> ReadMemory(ulong reference, out byte encoding)
    {
        var (map, offset, length) = Find(reference);
        encoding = map.Slice(offset, EncodingBytes)[0];
        var file = _memory[reference >> 32];
        return file.IsEmpty
            ? map.Memory(offset + EncodingBytes, length)
            : file.Slice((int)offset + EncodingBytes, length);
    }

    /// <summary>
    /// Gives the memory of the chunks between two references back to the system; they stay valid.
    /// </summary>
    /// <param name="from">A reference that was read, or 0.</param>
    /// <param name="to">One that was read; where it is not behind the other nothing happens.</param>
    public void Forget(ulong from, ulong to)
    {
        for (var number = from >> 32; number <= to >> 32; number++)
        {
            var map = _files[number].Map;
            var start = number == from >> 32 ? (long)(uint)from : 0;
            var end = number == to >> 32 ? (long)(uint)to : map.LengthBytes;
            if (end > start) map.Forget(start, end - start);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, map) in _files) map.Dispose();
    }

    private static MappedFile OpenFile(IDataDirectory directory, string path)
    {
        long length;
        using (var file = directory.OpenRead(path)) length = file.Length;
        if (length < HeaderBytes) throw new CorruptDataException("too short for a chunk file", path, 0);
        var map = directory.Map(path, length);
        var header = map.Slice(0, HeaderBytes);
        if (BinaryPrimitives.ReadUInt32BigEndian(header) == BlockFormat.ChunksMagic &&
            header[4] == BlockFormat.ChunksVersion)
            return map;
        map.Dispose();
        throw new CorruptDataException("this is no chunk file of version 1", path, 0);
    }

    // Checks the chunk and says where its encoding byte is and how long its data are.
    private (MappedFile Map, long Offset, int DataLength) Find(ulong reference)
    {
        var number = reference >> 32;
        var offset = (long)(uint)reference;
        if (number >= (ulong)_files.Length)
        {
            var missing = (number + 1).ToString("D6", CultureInfo.InvariantCulture);
            throw new CorruptDataException("there is no such chunk file", $"{_path}/{missing}", offset);
        }

        var (path, map) = _files[number];
        if (offset < HeaderBytes || offset >= map.LengthBytes)
            throw new CorruptDataException("a chunk lies outside of its file", path, offset);
        var bytes = map.Slice(offset, (int)Math.Min(map.LengthBytes - offset, int.MaxValue));
        if (!Varint.TryReadUnsigned(bytes, out var length, out var lengthBytes) ||
            length > (ulong)Math.Max(0, bytes.Length - lengthBytes - EncodingBytes - ChecksumBytes))
            throw new CorruptDataException("a chunk reaches out of its file", path, offset);
        var checkedLength = EncodingBytes + (int)length;
        var checksum = BinaryPrimitives.ReadUInt32BigEndian(bytes[(lengthBytes + checkedLength)..]);
        if (Crc32C.Compute(bytes.Slice(lengthBytes, checkedLength)) != checksum)
            throw new CorruptDataException("the checksum of a chunk is wrong", path, offset);
        return (map, offset + lengthBytes, (int)length);
    }
}
