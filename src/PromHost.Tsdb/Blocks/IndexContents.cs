using System.Buffers.Binary;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>The table of contents at the end of an index: where each section begins, 0 when there is none.</summary>
/// <param name="Symbols">The symbol table.</param>
/// <param name="Series">The first series.</param>
/// <param name="PostingsTable">The table of the postings' offsets.</param>
/// <param name="End">Where the table of contents itself begins: all else lies before it.</param>
internal readonly record struct IndexContents(long Symbols, long Series, long PostingsTable, long End)
{
    /// <summary>Where the label indices begin, which nobody reads; the end of the series.</summary>
    public long LabelIndices { get; init; }

    /// <summary>The table of the label indices; the table of postings where they are left out.</summary>
    public long LabelIndicesTable { get; init; }

    /// <summary>The first list of postings.</summary>
    public long Postings { get; init; }

    /// <summary>Where the series end: at the next section.</summary>
    public long SeriesEnd
    {
        get
        {
            var end = End;
            ReadOnlySpan<long> sections = [Symbols, LabelIndices, LabelIndicesTable, Postings, PostingsTable];
            foreach (var start in sections)
            {
                if (start > Series) end = Math.Min(end, start);
            }

            return end;
        }
    }

    private const int HeaderBytes = 5;
    private const int OffsetsBytes = 6 * sizeof(ulong);
    private const int SizeBytes = OffsetsBytes + sizeof(uint);

    /// <summary>Reads header and table of contents of an index.</summary>
    /// <exception cref="CorruptDataException">It is none, or damaged.</exception>
    /// <exception cref="NotSupportedException">It has a version that is not read here.</exception>
    public static IndexContents Read(IndexFile file)
    {
        if (file.SizeBytes < HeaderBytes + SizeBytes) throw file.Corrupt("too short for an index", 0);
        var header = file.Slice(0, HeaderBytes);
        if (BinaryPrimitives.ReadUInt32BigEndian(header) != BlockFormat.IndexMagic)
            throw file.Corrupt("this is no index", 0);
        // Version 3 is laid out as version 2.
        if (header[4] is not (2 or 3))
            throw new NotSupportedException($"{file.Path}: index version {header[4]} is not supported, only 2 and 3");

        var start = file.SizeBytes - SizeBytes;
        var bytes = file.Slice(start, file.SizeBytes);
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[OffsetsBytes..]) != Crc32C.Compute(bytes[..OffsetsBytes]))
            throw file.Corrupt("the checksum of the table of contents is wrong", start);
        return new IndexContents(
            Offset(file, bytes, 0, start), Offset(file, bytes, 1, start), Offset(file, bytes, 5, start), start)
        {
            LabelIndices = Offset(file, bytes, 2, start),
            LabelIndicesTable = Offset(file, bytes, 3, start),
            Postings = Offset(file, bytes, 4, start),
        };
    }

    private static long Offset(IndexFile file, ReadOnlySpan<byte> contents, int entry, long end)
    {
        var offset = BinaryPrimitives.ReadUInt64BigEndian(contents[(entry * sizeof(ulong))..]);
        if (offset != 0 && (offset < HeaderBytes || offset > (ulong)end))
            throw file.Corrupt("the table of contents points out of the file", end + (entry * sizeof(ulong)));
        return (long)offset;
    }
}
