using System.Buffers.Binary;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// Reads and writes a block's <c>tombstones</c> (<c>docs/formats/tombstones.md</c>).
/// <code>
/// magic 0130BA30 u32 | version 1 u8 | { series ref uvarint | min time varint | max time varint }* | CRC-32C u32
/// </code>
/// </summary>
internal static class TombstonesFile
{
    /// <summary>The file's name in the directory of its block.</summary>
    public const string FileName = "tombstones";

    private const uint Magic = 0x0130BA30;
    private const byte Version = 1;
    private const int HeaderBytes = 5;
    private const int ChecksumBytes = 4;

    /// <summary>Reads the file; nothing is deleted where it is missing.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="CorruptDataException">It is damaged.</exception>
    public static Tombstones Read(IDataDirectory directory, string path)
    {
        byte[] bytes;
        try
        {
            bytes = AtomicFile.Read(directory, path, Array.MaxLength);
        }
        catch (FileNotFoundException)
        {
            return Tombstones.None;
        }

        var builder = new TombstonesBuilder();
        if (Decode(bytes, builder, out var offset) is { } problem)
            throw new CorruptDataException(problem, path, offset);
        return builder.Build();
    }

    /// <summary>Writes the file, in the place of an older one in one step; it survives a power cut.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="path">Path of the file.</param>
    /// <param name="tombstones">What is deleted.</param>
    public static void Write(IDataDirectory directory, string path, Tombstones tombstones)
    {
        using var bytes = new ByteWriter();
        bytes.WriteUInt32(Magic);
        bytes.WriteByte(Version);
        foreach (var seriesRef in tombstones.SeriesRefs)
        {
            foreach (var interval in tombstones.Of(seriesRef))
            {
                bytes.WriteUvarint(seriesRef);
                bytes.WriteVarint(interval.MinTimeMs);
                bytes.WriteVarint(interval.MaxTimeMs);
            }
        }

        bytes.WriteUInt32(Crc32C.Compute(bytes.WrittenSpan[HeaderBytes..]));
        AtomicFile.Write(directory, path, bytes.WrittenSpan);
    }

    /// <summary>Adds the file's intervals to a builder.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="builder">Takes the intervals.</param>
    /// <param name="offset">Where the problem is.</param>
    /// <returns>Null when the file is good, else what is wrong with it.</returns>
    public static string? Decode(ReadOnlySpan<byte> bytes, TombstonesBuilder builder, out int offset)
    {
        offset = 0;
        if (bytes.Length < HeaderBytes + ChecksumBytes)
            return "the file is shorter than its header and checksum";
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes) != Magic)
            return "the file does not begin with the magic number";
        offset = HeaderBytes - 1;
        if (bytes[offset] != Version)
            return "the file's version is unknown";
        offset = bytes.Length - ChecksumBytes;
        var content = bytes[HeaderBytes..offset];
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]) != Crc32C.Compute(content))
            return "the file's checksum does not match";

        var reader = new ByteReader(content);
        while (!reader.IsAtEnd)
        {
            offset = HeaderBytes + reader.Position;
            if (!reader.TryReadUvarint(out var seriesRef) || !reader.TryReadVarint(out var min) ||
                !reader.TryReadVarint(out var max))
                return "an interval is cut short";
            if (max < min)
                return "an interval ends before it begins";
            builder.Add(seriesRef, new TimeInterval(min, max));
        }

        return null;
    }
}
