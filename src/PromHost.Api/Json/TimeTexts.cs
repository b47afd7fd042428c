// Hot path: the time of every point of a range query.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PromHost.Api;

/// <summary>
/// The times that the series of an answer share, written once: <c>[1435781430.781,"</c>, ready to be copied before each
/// value.
/// </summary>
internal sealed class TimeTexts
{
    /// <summary>The room that <see cref="CopyTo"/> needs.</summary>
    public const int EntryBytes = 32;

    private const int LengthAt = EntryBytes - 1;

    private readonly long[]? _timesMs;
    private readonly byte[] _texts;

    private TimeTexts(long[]? timesMs)
    {
        _timesMs = timesMs;
        _texts = new byte[(timesMs?.Length ?? 0) * EntryBytes];
        for (var i = 0; i < _texts.Length / EntryBytes; i++)
        {
            var entry = _texts.AsSpan(i * EntryBytes, EntryBytes);
            entry[0] = (byte)'[';
            var size = 1 + JsonBuffer.WriteTimestamp(timesMs![i], entry[1..]);
            ",\""u8.CopyTo(entry[size..]);
            entry[LengthAt] = (byte)(size + 2);
        }
    }

    /// <summary>Writes the times of which these are a part.</summary>
    public static TimeTexts Of(ReadOnlyMemory<long> timesMs) =>
        new(MemoryMarshal.TryGetArray(timesMs, out var segment) ? segment.Array : null);

    /// <summary>Which entry is the first of these times, if they are a part of those written.</summary>
    public bool TryFind(ReadOnlyMemory<long> timesMs, out int start)
    {
        start = 0;
        if (_timesMs is null || !MemoryMarshal.TryGetArray(timesMs, out var segment)) return false;
        start = segment.Offset;
        return ReferenceEquals(segment.Array, _timesMs);
    }

    /// <summary>Copies an entry, and bytes that mean nothing behind it.</summary>
    /// <param name="index">Which one.</param>
    /// <param name="destination">At least <see cref="EntryBytes"/> long.</param>
    /// <returns>The length of the entry.</returns>
    public int CopyTo(int index, Span<byte> destination)
    {
        var entry = _texts.AsSpan(index * EntryBytes, EntryBytes);
        Vector256.Create<byte>(entry).CopyTo(destination);
        return entry[LengthAt];
    }
}
