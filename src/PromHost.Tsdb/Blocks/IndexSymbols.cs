// Hot path: two look-ups per label of a series whose labels are not cached.
using System.Buffers.Binary;
using PromHost.Codecs;

namespace PromHost.Tsdb;

/// <summary>
/// The strings of an index, which the series refer to by their number. In memory is only where every eighth of them
/// begins, half a byte per string; the others are found by walking. Thread-safe.
/// </summary>
internal sealed class IndexSymbols
{
    // Prometheus keeps every 32nd; walking over 16 on average takes most of the time of reading labels then.
    private const int StrideBits = 3;
    private const int Stride = 1 << StrideBits;

    private readonly IndexFile _file;
    private readonly long _start;
    private readonly long _end;

    // Relative to the start of the section, whose length is of 32 bits.
    private readonly uint[] _offsets;

    private IndexSymbols(IndexFile file, long start, long end, int count, uint[] offsets)
    {
        _file = file;
        _start = start;
        _end = end;
        Count = count;
        _offsets = offsets;
    }

    /// <summary>The number of strings.</summary>
    public int Count { get; }

    /// <summary>Bytes of memory that finding strings takes.</summary>
    public long TableSizeBytes => (long)_offsets.Length * sizeof(uint);

    /// <summary>Reads the whole table once, checking it.</summary>
    /// <param name="file">The index.</param>
    /// <param name="offset">Where the table begins; 0: there is none.</param>
    /// <exception cref="CorruptDataException">The table is damaged.</exception>
    public static IndexSymbols Open(IndexFile file, long offset)
    {
        if (offset == 0) return new IndexSymbols(file, 0, 0, 0, []);
        var (start, end) = file.OpenSection(offset, "symbol table");
        if (end - start < sizeof(uint)) throw file.Corrupt("the symbol table has no count", offset);
        var count = BinaryPrimitives.ReadUInt32BigEndian(file.Slice(start, end));
        // Every string takes one byte at least.
        if (count > int.MaxValue || count > end - start - sizeof(uint))
            throw file.Corrupt($"the symbol table cannot hold {count} strings", offset);

        var offsets = new uint[((int)count + Stride - 1) >> StrideBits];
        var position = start + sizeof(uint);
        for (var number = 0; number < count; number++)
        {
            if ((number & (Stride - 1)) == 0) offsets[number >> StrideBits] = (uint)(position - start);
            var reader = new ByteReader(file.Slice(position, end));
            if (!reader.TryReadUvarintBytes(out _)) throw file.Corrupt("a string exceeds the symbol table", position);
            position += reader.Position;
        }

        return new IndexSymbols(file, start, end, (int)count, offsets);
    }

    /// <summary>A string by its number; valid while the index is open.</summary>
    /// <exception cref="CorruptDataException">There is no such string.</exception>
    public ReadOnlySpan<byte> Get(uint number)
    {
        if (number >= (uint)Count) throw _file.Corrupt($"there is no symbol {number}", _start);
        var reader = new ByteReader(_file.Slice(_start + _offsets[number >> StrideBits], _end));
        ReadOnlySpan<byte> symbol = default;
        // All of them were read when the index was opened.
        for (var i = number & (Stride - 1); reader.TryReadUvarintBytes(out symbol) && i > 0; i--)
        {
        }

        return symbol;
    }

    /// <summary>Finds the number of a string.</summary>
    public bool TryFind(ReadOnlySpan<byte> symbol, out uint number)
    {
        var low = 0;
        var high = _offsets.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Get((uint)middle << StrideBits).SequenceCompareTo(symbol) <= 0) low = middle + 1;
            else high = middle;
        }

        number = 0;
        if (low == 0) return false;
        number = (uint)(low - 1) << StrideBits;
        var reader = new ByteReader(_file.Slice(_start + _offsets[low - 1], _end));
        for (var i = 0; i < Stride && reader.TryReadUvarintBytes(out var candidate); i++, number++)
        {
            var order = candidate.SequenceCompareTo(symbol);
            if (order >= 0) return order == 0;
        }

        return false;
    }

    /// <summary>All strings in their order, which is ascending by their bytes; valid while the index is open.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> All()
    {
        var position = _start + sizeof(uint);
        for (var number = 0; number < Count; number++)
        {
            var length = Read(position, out var lengthBytes);
            yield return _file.Memory(position + lengthBytes, length);
            position += lengthBytes + length;
        }
    }

    private int Read(long position, out int lengthBytes)
    {
        var reader = new ByteReader(_file.Slice(position, _end));
        reader.TryReadUvarint32(out var length);
        lengthBytes = reader.Position;
        return length;
    }
}
