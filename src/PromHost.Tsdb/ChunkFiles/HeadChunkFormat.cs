// Hot path: a query parses every mapped chunk it reads.
using System.Buffers.Binary;
using System.Globalization;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The layout of <c>chunks_head</c> files (<c>docs/formats/chunks-head.md</c>).
/// <code>
/// file:  magic u32 | version u8 | zeros u24 | chunk*
/// chunk: series ref u64 | min time u64 | max time u64 | encoding u8 | length uvarint | data | CRC-32C u32
/// </code>
/// The checksum covers everything of the chunk before it.
/// </summary>
internal static class HeadChunkFormat
{
    public const string DirectoryName = "chunks_head";

    /// <summary>Files of chunks that came out of order: ours alone.</summary>
    public const string LateDirectoryName = "promhost/late_chunks";

    public const int MaxFileBytes = 128 * 1024 * 1024;
    public const int FileHeaderBytes = 8;

    private const uint Magic = 0x0130BC91;
    private const byte Version = 1;
    private const int EncodingOffset = 24;
    private const int LengthOffset = 25;
    private const int ChecksumBytes = sizeof(uint);

    /// <summary>The path of a file below the data directory.</summary>
    public static string PathOf(int fileNumber, string directoryName = DirectoryName) =>
        $"{directoryName}/{fileNumber.ToString("D6", CultureInfo.InvariantCulture)}";

    /// <summary>The bytes that a chunk takes in a file.</summary>
    public static int SizeOf(int dataBytes) =>
        LengthOffset + Varint.LengthOfUnsigned((ulong)dataBytes) + dataBytes + ChecksumBytes;

    public static void WriteFileHeader(Span<byte> target)
    {
        target[..FileHeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(target, Magic);
        target[sizeof(uint)] = Version;
    }

    /// <summary>Null when the header is good, else what is wrong with it.</summary>
    public static string? CheckFileHeader(ReadOnlySpan<byte> file)
    {
        if (file.Length < FileHeaderBytes)
            return "the file is shorter than its header";
        if (BinaryPrimitives.ReadUInt32BigEndian(file) != Magic)
            return "the file does not begin with the magic number";
        return file[sizeof(uint)] == Version ? null : "the file's version is unknown";
    }

    /// <summary>Writes a chunk to the front of <paramref name="target"/>; returns its size.</summary>
    public static int WriteChunk(Span<byte> target, in HeadChunkHeader header, ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, header.SeriesRef);
        BinaryPrimitives.WriteInt64BigEndian(target[8..], header.MinTimestampMs);
        BinaryPrimitives.WriteInt64BigEndian(target[16..], header.MaxTimestampMs);
        target[EncodingOffset] = header.EncodingByte;
        Varint.TryWriteUnsigned(target[LengthOffset..], (ulong)data.Length, out var lengthBytes);
        data.CopyTo(target[(LengthOffset + lengthBytes)..]);
        var end = LengthOffset + lengthBytes + data.Length;
        BinaryPrimitives.WriteUInt32BigEndian(target[end..], Crc32C.Compute(target[..end]));
        return end + ChecksumBytes;
    }

    /// <summary>Reads the chunk at the front of <paramref name="source"/> and checks its checksum.</summary>
    /// <param name="source">The file from the chunk on.</param>
    /// <param name="header">What stands before the data.</param>
    /// <param name="data">The data; aliases the source.</param>
    /// <returns>Null when the chunk is good, else what is wrong with it.</returns>
    public static string? ReadChunk(ReadOnlySpan<byte> source, out HeadChunkHeader header, out ReadOnlySpan<byte> data)
    {
        header = default;
        data = default;
        if (source.Length <= LengthOffset)
            return "a chunk's header is cut short";
        if (!Varint.TryReadUnsigned(source[LengthOffset..], out var length, out var lengthBytes))
            return "a chunk's length is no number";
        var start = LengthOffset + lengthBytes;
        if (length + ChecksumBytes > (ulong)(source.Length - start) || length > int.MaxValue)
            return "a chunk is longer than its file";

        var end = start + (int)length;
        if (BinaryPrimitives.ReadUInt32BigEndian(source[end..]) != Crc32C.Compute(source[..end]))
            return "a chunk's checksum does not match";
        header = new HeadChunkHeader(
            BinaryPrimitives.ReadUInt64BigEndian(source),
            BinaryPrimitives.ReadInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadInt64BigEndian(source[16..]),
            source[EncodingOffset]);
        data = source[start..end];
        return null;
    }

    /// <summary>
    /// Do the chunks end here? Files are made longer than their content; series ref and both times are then zero.
    /// </summary>
    public static bool IsEnd(ReadOnlySpan<byte> source) =>
        !source[..Math.Min(source.Length, EncodingOffset)].ContainsAnyExcept((byte)0);
}
