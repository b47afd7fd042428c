namespace PromHost.Tsdb;

/// <summary>A place in a write-ahead log.</summary>
/// <param name="Segment">Number of the segment.</param>
/// <param name="OffsetBytes">Offset in the segment's file.</param>
internal readonly record struct WalPosition(int Segment, long OffsetBytes) : IComparable<WalPosition>
{
    /// <summary>The path of its segment.</summary>
    /// <param name="walPath">The log's directory.</param>
    public string PathIn(string walPath) => WalSegments.PathOf(walPath, Segment);

    /// <inheritdoc/>
    public int CompareTo(WalPosition other)
    {
        var order = Segment.CompareTo(other.Segment);
        return order != 0 ? order : OffsetBytes.CompareTo(other.OffsetBytes);
    }
}
