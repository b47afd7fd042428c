// Hot path: every new series and every grouping writes labels with it.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PromHost.Model;

/// <summary>
/// The encoding of a <see cref="Labels"/>, part by part: a size, then a name or a value. A size below 255 is one byte;
/// a larger one is the byte 255 and three bytes, low byte first.
/// </summary>
public static class LabelsEncoding
{
    private const int LongSize = 255;

    /// <summary>The most bytes that a size takes before its part.</summary>
    public const int MaxSizeBytes = 4;

    /// <summary>The bytes that a part takes, its size included.</summary>
    /// <param name="lengthBytes">The part alone; at most <see cref="Labels.MaxPartSizeBytes"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOf(int lengthBytes) => lengthBytes + (lengthBytes < LongSize ? 1 : MaxSizeBytes);

    /// <summary>Writes a part.</summary>
    /// <param name="part">A name or a value, at most <see cref="Labels.MaxPartSizeBytes"/> long.</param>
    /// <param name="destination">Has room for <see cref="SizeOf"/> bytes at the position.</param>
    /// <param name="position">Where to write; moved behind the part.</param>
    public static void Write(ReadOnlySpan<byte> part, Span<byte> destination, ref int position)
    {
        if (part.Length < LongSize)
        {
            destination[position++] = (byte)part.Length;
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(destination[position..], (part.Length << 8) | LongSize);
            position += MaxSizeBytes;
        }

        part.CopyTo(destination[position..]);
        position += part.Length;
    }

    /// <summary>Reads a part of bytes that are known to be valid.</summary>
    /// <param name="source">Encoded labels.</param>
    /// <param name="position">Where the part's size is; moved behind the part.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> source, scoped ref int position)
    {
        int length = source[position];
        if (length == LongSize)
        {
            length = BinaryPrimitives.ReadInt32LittleEndian(source[position..]) >>> 8;
            position += MaxSizeBytes;
        }
        else
        {
            position++;
        }

        var part = source.Slice(position, length);
        position += length;
        return part;
    }
}
