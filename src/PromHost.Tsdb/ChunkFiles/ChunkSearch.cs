using System.Buffers.Binary;
using PromHost.Chunks;

namespace PromHost.Tsdb;

/// <summary>Finds the sound chunks in a damaged <c>chunks_head</c> file, wherever they begin.</summary>
internal static class ChunkSearch
{
    // Of the series' number the first bytes are always 0.
    private const int ZeroBytes = 3;
    private const int RefBytes = sizeof(ulong);
    private const int EncodingOffset = 24;

    // A checksum alone would agree with garbage now and then, where every offset is tried.
    private const int MaxDataBytes = 1 << 20;
    private const long MaxSpanMs = 366L * 24 * 3_600_000;

    /// <summary>Shows every sound chunk from an offset on.</summary>
    /// <param name="file">The file.</param>
    /// <param name="number">Its number.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="visit">Takes the chunks.</param>
    public static void Run(ReadOnlySpan<byte> file, int number, int start, HeadChunkVisitor visit)
    {
        for (var at = Math.Max(start, HeadChunkFormat.FileHeaderBytes); at < file.Length;)
        {
            var rest = file[at..];
            var zeros = rest.IndexOfAnyExcept((byte)0);
            if (zeros < 0) return;
            if (zeros >= RefBytes)
            {
                at += zeros - RefBytes + 1;
            }
            else if (zeros >= ZeroBytes && IsPlausible(rest) &&
                HeadChunkFormat.ReadChunk(rest, out var header, out var data) is null)
            {
                visit(new ChunkDiskRef(number, at), header, data);
                at += HeadChunkFormat.SizeOf(data.Length);
            }
            else
            {
                at++;
            }
        }
    }

    private static bool IsPlausible(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length <= EncodingOffset + 1) return false;
        if (!ChunkEncodings.IsKnown((byte)(chunk[EncodingOffset] & ~ChunkEncoding.OutOfOrderMask))) return false;
        var min = BinaryPrimitives.ReadInt64BigEndian(chunk[RefBytes..]);
        var max = BinaryPrimitives.ReadInt64BigEndian(chunk[(2 * RefBytes)..]);
        return min <= max && (ulong)max - (ulong)min <= MaxSpanMs &&
            Codecs.Varint.TryReadUnsigned(chunk[(EncodingOffset + 1)..], out var length, out _) &&
            length <= MaxDataBytes;
    }
}
