using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>Where a full chunk lies in the <c>chunks_head</c> files. Ordered by age.</summary>
/// <param name="Value">File number in the high 32 bits, offset of the chunk's header in the low ones.</param>
internal readonly record struct ChunkDiskRef(ulong Value) : IComparable<ChunkDiskRef>
{
    /// <summary>Makes a ref from its parts.</summary>
    public ChunkDiskRef(int fileNumber, int offsetBytes)
        : this(((ulong)fileNumber << 32) | (uint)offsetBytes)
    {
    }

    /// <summary>Number of the file, from 1.</summary>
    public int FileNumber => (int)(Value >> 32);

    /// <summary>Offset of the chunk's header in the file; negative refs are none.</summary>
    public int OffsetBytes => (int)(uint)Value;

    /// <inheritdoc/>
    public int CompareTo(ChunkDiskRef other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{FileNumber}:{OffsetBytes}");
}
