using System.Buffers.Binary;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The label names and values of an index and where the postings of each pair begin. In memory are the names and where
/// every 32nd value of a name lies; values are compared in place. Thread-safe.
/// </summary>
/// <remarks>
/// An entry is <c>2 (1) | name | value | offset (uvarint)</c>, strings with a uvarint length in front; entries ascend
/// by name, then by value. The empty name with the empty value stands for all series.
/// </remarks>
internal sealed class IndexPostingsTable
{
    private const int StrideBits = 5;
    private const int Stride = 1 << StrideBits;

    private readonly IndexFile _file;
    private readonly long _start;
    private readonly IndexLabelName[] _names;
    private readonly IndexLabelName? _all;

    private IndexPostingsTable(IndexFile file, long start, IndexLabelName[] names)
    {
        _file = file;
        _start = start;
        var hasAll = names.Length > 0 && names[0].Utf8.IsEmpty;
        _all = hasAll ? names[0] : null;
        _names = hasAll ? names[1..] : names;
    }

    /// <summary>The label names, ascending by their bytes.</summary>
    public IReadOnlyList<IndexLabelName> Names => _names;

    /// <summary>Reads the whole table once, checking it.</summary>
    /// <param name="file">The index.</param>
    /// <param name="offset">Where the table begins; 0: there is none.</param>
    /// <exception cref="CorruptDataException">The table is damaged.</exception>
    public static IndexPostingsTable Open(IndexFile file, long offset)
    {
        if (offset == 0) return new IndexPostingsTable(file, 0, []);
        var (start, end) = file.OpenSection(offset, "table of postings");
        if (end - start < sizeof(uint)) throw file.Corrupt("the table of postings has no count", offset);
        return new IndexPostingsTable(file, start, [.. ReadNames(file, start, end)]);
    }

    /// <summary>Finds a label name.</summary>
    public bool TryFindName(ReadOnlySpan<byte> utf8, out IndexLabelName name)
    {
        var low = 0;
        var high = _names.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            var order = _names[middle].Utf8.SequenceCompareTo(utf8);
            if (order == 0)
            {
                name = _names[middle];
                return true;
            }

            if (order < 0) low = middle + 1;
            else high = middle;
        }

        name = null!;
        return false;
    }

    /// <summary>Finds the postings of a pair.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="value">The value.</param>
    /// <param name="postings">Where they begin in the file; for <see cref="Check"/>.</param>
    public bool TryFind(IndexLabelName name, ReadOnlySpan<byte> value, out ulong postings)
    {
        var values = ValuesFrom(name, value);
        postings = 0;
        for (var i = 0; i < Stride && values.MoveNext(); i++)
        {
            var order = values.Value.SequenceCompareTo(value);
            if (order == 0) postings = values.Postings;
            if (order >= 0) return order == 0;
        }

        return false;
    }

    /// <summary>Walks the values of a name, ascending.</summary>
    public IndexValues Values(IndexLabelName name) => new(Entries(name, 0), name);

    /// <summary>
    /// Walks the values of a name, ascending, from the first that is not below a value or up to 31 before it.
    /// </summary>
    public IndexValues ValuesFrom(IndexLabelName name, ReadOnlySpan<byte> value)
    {
        var low = 0;
        var high = name.Offsets.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (new IndexValues(Entries(name, middle), name).First().SequenceCompareTo(value) <= 0) low = middle + 1;
            else high = middle;
        }

        return new IndexValues(Entries(name, Math.Max(0, low - 1)), name);
    }

    /// <summary>Checks the postings of all series.</summary>
    /// <returns>Where they are: for <see cref="Get"/>.</returns>
    /// <exception cref="CorruptDataException">The postings are damaged.</exception>
    public PostingsPlace CheckAll()
    {
        if (_all is null) return default;
        var values = Values(_all);
        return values.MoveNext() ? Check(values.Postings) : default;
    }

    /// <summary>Checks postings.</summary>
    /// <param name="offset">Where they begin, as the table has it.</param>
    /// <returns>Where they are: for <see cref="Get"/>.</returns>
    /// <exception cref="CorruptDataException">They are damaged.</exception>
    public PostingsPlace Check(ulong offset)
    {
        var at = (long)Math.Min(offset, long.MaxValue);
        var (start, end) = _file.OpenSection(at, "postings");
        if (end - start < sizeof(uint) || end - start > int.MaxValue)
            throw _file.Corrupt("postings of impossible length", at);
        var count = BinaryPrimitives.ReadUInt32BigEndian(_file.Slice(start, end));
        start += sizeof(uint);
        if (end - start != (long)count * sizeof(uint))
            throw _file.Corrupt($"{end - start} bytes for {count} postings", at);
        return new PostingsPlace(start, (int)count);
    }

    /// <summary>Postings that were checked; valid while the index is open.</summary>
    public BigEndianPostings Get(PostingsPlace place) =>
        new(_file.Slice(place.Start, place.Start + ((long)place.Count * sizeof(uint))));

    private static List<IndexLabelName> ReadNames(IndexFile file, long start, long end)
    {
        var names = new List<IndexLabelName>();
        var offsets = new List<uint>();
        byte[]? name = null;
        var prefixLength = 0;
        var valueCount = 0;
        var left = BinaryPrimitives.ReadUInt32BigEndian(file.Slice(start, end));
        var position = start + sizeof(uint);
        for (; left > 0; left--)
        {
            var reader = new ByteReader(file.Slice(position, end));
            if (!reader.TryReadByte(out var keys) || keys != 2 || !reader.TryReadUvarintBytes(out var entryName))
                throw file.Corrupt("an entry of the table of postings has no name", position);
            var entryPrefixLength = reader.Position;
            if (!reader.TryReadUvarintBytes(out _) || !reader.TryReadUvarint(out _))
                throw file.Corrupt("an entry of the table of postings is cut off", position);
            if (name is null || !entryName.SequenceEqual(name))
            {
                if (name is not null)
                {
                    if (entryName.SequenceCompareTo(name) < 0)
                        throw file.Corrupt("the names in the table of postings are not sorted", position);
                    names.Add(NameOf(file, name, prefixLength, valueCount, offsets, start, position));
                }

                name = entryName.ToArray();
                prefixLength = entryPrefixLength;
                valueCount = 0;
                offsets.Clear();
            }

            if (entryPrefixLength != prefixLength)
                throw file.Corrupt("a name in the table of postings is written in two ways", position);
            if ((valueCount & (Stride - 1)) == 0) offsets.Add((uint)(position - start));
            valueCount++;
            position += reader.Position;
        }

        if (name is not null)
            names.Add(NameOf(file, name, prefixLength, valueCount, offsets, start, position));
        return names;
    }

    private static IndexLabelName NameOf(
        IndexFile file, byte[] name, int prefixLength, int valueCount, List<uint> offsets, long start, long end)
    {
        // They are walked as one span.
        if (end - start - offsets[0] > int.MaxValue)
            throw new NotSupportedException($"{file.Path}: a label name with more than 2 GiB of values");
        return new IndexLabelName(name, prefixLength, valueCount, [.. offsets], (uint)(end - start));
    }

    private ReadOnlySpan<byte> Entries(IndexLabelName name, int stride) =>
        _file.Slice(_start + name.Offsets[stride], _start + name.End);
}
