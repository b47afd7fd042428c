namespace PromHost.Tsdb;

/// <summary>
/// The layout of the head image (<c>docs/formats/head-image.md</c>).
/// <code>
/// file:    magic u32 | version u8 | zeros u24 | section*
/// section: CRC-32C u32 of all that follows | kind u8 | length of the data u32 | data
/// </code>
/// The first section is the anchor, the last one the end: a file without it was never finished.
/// </summary>
internal static class HeadImageFormat
{
    /// <summary>The directory, below the data directory.</summary>
    public const string DirectoryName = "promhost/head-image";

    /// <summary>The image.</summary>
    public const string Path = DirectoryName + "/image";

    /// <summary>An image that is being written.</summary>
    public const string UnfinishedPath = Path + ".tmp";

    public const uint Magic = 0x50484849;
    public const byte Version = 1;
    public const int FileHeaderBytes = 8;
    public const int SectionHeaderBytes = 9;
    public const int KindOffset = 4;
    public const int LengthOffset = 5;

    /// <summary>A section ends at about this size.</summary>
    public const int SectionBytes = 256 * 1024;
}
