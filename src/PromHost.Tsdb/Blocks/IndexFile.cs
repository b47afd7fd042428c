using System.Buffers.Binary;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The mapped bytes of a block's index (<c>docs/formats/block-index.md</c>), which may exceed 2 GiB: everything is
/// addressed by offset from the file's start, and nothing is handed out that does not lie within. Thread-safe.
/// </summary>
internal sealed class IndexFile : IDisposable
{
    private const int LengthBytes = 4;
    private const int ChecksumBytes = 4;

    private readonly MappedFile _map;

    public IndexFile(MappedFile map, string path)
    {
        _map = map;
        Path = path;
    }

    /// <summary>Maps an index.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">The file below it.</param>
    /// <exception cref="CorruptDataException">It is empty.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IndexFile Open(IDataDirectory directory, string path)
    {
        long length;
        using (var file = directory.OpenRead(path)) length = file.Length;
        if (length == 0) throw new CorruptDataException("the index is empty", path, 0);
        return new IndexFile(directory.Map(path, length), path);
    }

    /// <summary>Where the file is, below the data directory.</summary>
    public string Path { get; }

    /// <summary>Size of the file in bytes.</summary>
    public long SizeBytes => _map.LengthBytes;

    /// <summary>The bytes between two offsets, at most 2 GiB of them.</summary>
    public ReadOnlySpan<byte> Slice(long start, long end) =>
        _map.Slice(start, (int)Math.Min(end - start, int.MaxValue));

    /// <summary>The same as memory that can be handed on.</summary>
    public ReadOnlyMemory<byte> Memory(long start, int length) => _map.Memory(start, length);

    /// <summary>Opens a section laid out as <c>length (4) | content | CRC-32C of the content (4)</c>.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="name">What it is, for the error.</param>
    /// <returns>Where its content begins and ends.</returns>
    /// <exception cref="CorruptDataException">It reaches out of the file, or its checksum is wrong.</exception>
    public (long Start, long End) OpenSection(long offset, string name)
    {
        if (offset < 0 || offset > SizeBytes - LengthBytes - ChecksumBytes)
            throw Corrupt($"the {name} begins outside of the file", offset);
        var length = BinaryPrimitives.ReadUInt32BigEndian(_map.Slice(offset, LengthBytes));
        var start = offset + LengthBytes;
        var end = start + length;
        if (end > SizeBytes - ChecksumBytes) throw Corrupt($"the {name} reaches out of the file", offset);
        var checksum = BinaryPrimitives.ReadUInt32BigEndian(_map.Slice(end, ChecksumBytes));
        if (Checksum(start, end) != checksum) throw Corrupt($"the checksum of the {name} is wrong", offset);
        return (start, end);
    }

    /// <summary>Gives the memory of a part back to the system; it stays valid.</summary>
    public void Forget(long start, long end) => _map.Forget(start, end - start);

    /// <summary>The error that names this file.</summary>
    public CorruptDataException Corrupt(string message, long offset) => new(message, Path, offset);

    /// <inheritdoc/>
    public void Dispose() => _map.Dispose();

    private uint Checksum(long start, long end)
    {
        var crc = 0u;
        while (start < end)
        {
            var part = Slice(start, end);
            crc = Crc32C.Append(crc, part);
            start += part.Length;
        }

        return crc;
    }
}
