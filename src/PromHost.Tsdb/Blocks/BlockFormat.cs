using System.Globalization;

namespace PromHost.Tsdb;

/// <summary>Names and numbers in the files of a block (Prometheus <c>tsdb/docs/format</c>).</summary>
internal static class BlockFormat
{
    /// <summary>The chunk files' directory in that of their block.</summary>
    public const string ChunksDirectory = "chunks";

    /// <summary>The index in the directory of its block.</summary>
    public const string IndexFile = "index";

    /// <summary>First bytes of a chunk file.</summary>
    public const uint ChunksMagic = 0x85BD40DD;

    /// <summary>Version of the chunk files.</summary>
    public const byte ChunksVersion = 1;

    /// <summary>Magic number, version and three zeros of a chunk file.</summary>
    public const int ChunksHeaderBytes = 8;

    /// <summary>A chunk file is not made longer, unless a single chunk is.</summary>
    public const long ChunksFileBytes = 512L * 1024 * 1024;

    /// <summary>First bytes of an index.</summary>
    public const uint IndexMagic = 0xBAAAD700;

    /// <summary>Version of the index as it is written.</summary>
    public const byte IndexVersion = 2;

    /// <summary>Series begin at multiples of it, and are referred to by the multiple.</summary>
    public const int SeriesUnitBytes = 16;

    /// <summary>The name of the n-th chunk file, from 1.</summary>
    public static string ChunksFileName(int number) => number.ToString("D6", CultureInfo.InvariantCulture);
}
