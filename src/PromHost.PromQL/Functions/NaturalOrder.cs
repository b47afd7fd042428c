using System.Buffers.Text;

namespace PromHost.PromQL;

/// <summary>
/// The order in which <c>a2</c> comes before <c>a10</c>. It is that of Prometheus's <c>sort_by_label</c>, which is no
/// order where one text is empty or where numbers differ in leading zeros only: there both or none comes first.
/// </summary>
internal static class NaturalOrder
{
    /// <summary>Does the first text come before the second?</summary>
    public static bool Precedes(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        while (!first.IsEmpty && !second.IsEmpty)
        {
            var firstChunk = TakeChunk(ref first);
            var secondChunk = TakeChunk(ref second);
            var areEqual = TryReadInteger(firstChunk, out var firstNumber) &&
                TryReadInteger(secondChunk, out var secondNumber)
                ? firstNumber == secondNumber
                : firstChunk.SequenceEqual(secondChunk);
            if (!areEqual) return ChunkPrecedes(firstChunk, secondChunk);
            if (first.IsEmpty) return true;
        }

        return false;
    }

    // Digits that fit 64 bits compare as numbers, everything else byte by byte.
    private static bool ChunkPrecedes(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        TryReadInteger(first, out var firstNumber) && TryReadInteger(second, out var secondNumber)
            ? firstNumber < secondNumber
            : first.SequenceCompareTo(second) < 0;

    private static bool TryReadInteger(ReadOnlySpan<byte> chunk, out long number)
    {
        number = 0;
        return IsDigit(chunk[0]) && Utf8Parser.TryParse(chunk, out number, out var size) && size == chunk.Length;
    }

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';

    // Cuts off a run of digits or a run of anything else.
    private static ReadOnlySpan<byte> TakeChunk(ref ReadOnlySpan<byte> text)
    {
        var end = 1;
        while (end < text.Length && IsDigit(text[end]) == IsDigit(text[0])) end++;
        var chunk = text[..end];
        text = text[end..];
        return chunk;
    }
}
