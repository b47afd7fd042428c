namespace PromHost.Tsdb;

/// <summary>A label name of an index, and where the entries of its values lie in the table of postings.</summary>
/// <param name="utf8">The name's bytes.</param>
/// <param name="prefixLength">Bytes of an entry before the value: equal in all entries of a name.</param>
/// <param name="valueCount">The number of values.</param>
/// <param name="offsets">Where the entry of every 32nd value begins, from the start of the table.</param>
/// <param name="end">Where the last entry ends, from the start of the table.</param>
internal sealed class IndexLabelName(byte[] utf8, int prefixLength, int valueCount, uint[] offsets, uint end)
{
    /// <summary>The name's bytes.</summary>
    public ReadOnlySpan<byte> Utf8 => utf8;

    /// <summary>Bytes of an entry before the value.</summary>
    public int PrefixLength => prefixLength;

    /// <summary>The number of values.</summary>
    public int ValueCount => valueCount;

    /// <summary>Where the entry of every 32nd value begins, from the start of the table.</summary>
    public ReadOnlySpan<uint> Offsets => offsets;

    /// <summary>Where the last entry ends, from the start of the table.</summary>
    public uint End => end;
}
