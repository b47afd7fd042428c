// Hot path: every selection from a block reads postings.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PromHost.Tsdb;

/// <summary>A list of series refs as it lies in an index: ascending, four bytes each, high byte first.</summary>
internal readonly ref struct BigEndianPostings
{
    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>Wraps bytes, whose number is a multiple of four.</summary>
    public BigEndianPostings(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>The number of series.</summary>
    public int Count => _bytes.Length / sizeof(uint);

    /// <summary>A series ref.</summary>
    public uint this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BinaryPrimitives.ReadUInt32BigEndian(_bytes[(index * sizeof(uint))..]);
    }

    /// <summary>Copies all refs.</summary>
    /// <param name="destination">At least <see cref="Count"/> long.</param>
    public void CopyTo(Span<uint> destination)
    {
        var source = MemoryMarshal.Cast<byte, uint>(_bytes);
        if (BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(source, destination);
        else source.CopyTo(destination);
    }

    /// <summary>
    /// The first index from a position on whose ref is not below a value: doubling steps, then halving.
    /// </summary>
    public int LowerBound(int from, uint value)
    {
        var count = Count;
        var step = 1;
        while (step <= count - from && this[from + step - 1] < value) step <<= 1;
        var low = from + (step >> 1);
        var high = Math.Min(from + step, count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (this[middle] < value) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
