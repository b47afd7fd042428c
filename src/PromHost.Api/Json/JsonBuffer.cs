// Hot path: every byte of every answer passes through here.
using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.Unicode;
using PromHost.Model;

namespace PromHost.Api;

/// <summary>
/// Writes JSON tokens into a buffer as Prometheus's encoder lays them out. The caller writes the punctuation and calls
/// <see cref="Commit"/> at the end; nothing is visible in the output before.
/// </summary>
internal ref struct JsonBuffer
{
    private const int PieceBytes = 4096;

    // Bytes that stand for themselves in strings of either kind.
    private static readonly SearchValues<byte> PlainBytes = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x60).Select(b => (byte)b).Where(b => b is not ((byte)'"' or (byte)'\\'))]);

    private static readonly SearchValues<byte> HtmlSafeBytes = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x60).Select(b => (byte)b)
            .Where(b => b is not ((byte)'"' or (byte)'\\' or (byte)'<' or (byte)'>' or (byte)'&'))]);

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _room;
    private int _written;

    public JsonBuffer(IBufferWriter<byte> output)
    {
        _output = output;
        _room = default;
        _written = 0;
    }

    private static ReadOnlySpan<byte> HexDigits => "0123456789abcdef"u8;

    /// <summary>Hands what was written to the output.</summary>
    public void Commit()
    {
        _output.Advance(_written);
        _room = default;
        _written = 0;
    }

    /// <summary>Writes bytes as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        if (_room.Length - _written < bytes.Length) MakeRoom(bytes.Length);
        bytes.CopyTo(_room[_written..]);
        _written += bytes.Length;
    }

    /// <summary>Writes one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(byte b)
    {
        if (_written == _room.Length) MakeRoom(1);
        _room[_written++] = b;
    }

    /// <summary>Writes an integer.</summary>
    public void Integer(long value)
    {
        if (_room.Length - _written < 20) MakeRoom(20);
        Utf8Formatter.TryFormat(value, _room[_written..], out var size);
        _written += size;
    }

    /// <summary>Writes milliseconds as seconds with none or exactly three decimals.</summary>
    public void Timestamp(long timestampMs)
    {
        if (_room.Length - _written < 24) MakeRoom(24);
        _written += WriteTimestamp(timestampMs, _room[_written..]);
    }

    /// <summary>Writes a sample value: a quoted number.</summary>
    public void QuotedFloat(double value)
    {
        if (_room.Length - _written < GoFloat.MaxSizeBytes + 2) MakeRoom(GoFloat.MaxSizeBytes + 2);
        var room = _room[_written..];
        room[0] = (byte)'"';
        var size = GoFloat.WriteJson(value, room[1..]);
        room[size + 1] = (byte)'"';
        _written += size + 2;
    }

    /// <summary>Writes a number as Go's encoding/json writes a float: whole numbers without a point.</summary>
    public void Number(double value)
    {
        if (_room.Length - _written < GoFloat.MaxSizeBytes) MakeRoom(GoFloat.MaxSizeBytes);
        _written += GoFloat.WritePlain(value, _room[_written..]);
    }

    /// <summary>Writes a sample as <c>[seconds,"value"]</c>.</summary>
    public void Point(long timestampMs, double value)
    {
        const int MaxSize = GoFloat.MaxSizeBytes + 32;
        if (_room.Length - _written < MaxSize) MakeRoom(MaxSize);
        var room = _room[_written..];
        room[0] = (byte)'[';
        var at = 1 + WriteTimestamp(timestampMs, room[1..]);
        room[at++] = (byte)',';
        room[at++] = (byte)'"';
        at += GoFloat.WriteJson(value, room[at..]);
        room[at++] = (byte)'"';
        room[at++] = (byte)']';
        _written += at;
    }

    /// <summary>Writes samples with commas between.</summary>
    /// <param name="times">Begun samples.</param>
    /// <param name="start">Which of them is the first sample's.</param>
    /// <param name="values">The values.</param>
    public void Points(TimeTexts times, int start, ReadOnlySpan<double> values)
    {
        const int MaxSize = TimeTexts.EntryBytes + GoFloat.MaxSizeBytes + 8;
        // Many values are those before: their text is copied.
        var (lastBits, lastAt, lastSize) = (0UL, -1, 0);
        for (var i = 0; i < values.Length; i++)
        {
            if (_room.Length - _written < MaxSize)
            {
                MakeRoom(MaxSize);
                lastAt = -1;
            }

            var room = _room[_written..];
            var at = times.CopyTo(start + i, room);
            var bits = BitConverter.DoubleToUInt64Bits(values[i]);
            if (bits == lastBits && lastAt >= 0)
            {
                Vector256.Create<byte>(_room[lastAt..]).CopyTo(room[at..]);
            }
            else
            {
                (lastBits, lastAt) = (bits, _written + at);
                lastSize = GoFloat.WriteJson(values[i], room[at..]);
                "\"],"u8.CopyTo(room[(at + lastSize)..]);
            }

            _written += at + lastSize + (i + 1 < values.Length ? 3 : 2);
        }
    }

    /// <summary>Writes samples with commas between.</summary>
    /// <param name="timestampsMs">Their times.</param>
    /// <param name="values">Their values, as many.</param>
    public void Points(ReadOnlySpan<long> timestampsMs, ReadOnlySpan<double> values)
    {
        for (var i = 0; i < timestampsMs.Length; i++)
        {
            if (i > 0) Raw((byte)',');
            Point(timestampsMs[i], values[i]);
        }
    }

    /// <summary>
    /// Writes a string as labels are written: markup is not escaped. What is not UTF-8 becomes U+FFFD.
    /// </summary>
    public void Label(ReadOnlySpan<byte> utf8)
    {
        Raw((byte)'"');
        while (!utf8.IsEmpty)
        {
            var plain = utf8.IndexOfAnyExcept(PlainBytes);
            if (plain < 0) plain = utf8.Length;
            Raw(utf8[..plain]);
            utf8 = utf8[plain..];
            if (utf8.IsEmpty) break;
            utf8 = utf8[EscapeLabel(utf8)..];
        }

        Raw((byte)'"');
    }

    /// <summary>Writes labels as an object.</summary>
    public void Labels(Labels labels)
    {
        Raw((byte)'{');
        var first = true;
        foreach (var label in labels)
        {
            if (!first) Raw((byte)',');
            first = false;
            Label(label.Name);
            Raw((byte)':');
            Label(label.Value);
        }

        Raw((byte)'}');
    }

    /// <summary>Writes a string with markup escaped, as every string but those of labels is.</summary>
    /// <param name="text">The text.</param>
    /// <param name="shortControls">Are <c>\b</c> and <c>\f</c> written so? They are in string results.</param>
    public void Text(string text, bool shortControls = false)
    {
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = ArrayPool<byte>.Shared.Rent(size);
        Text(rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)), shortControls);
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Writes a UTF-8 string with markup escaped.</summary>
    public void Text(ReadOnlySpan<byte> utf8, bool shortControls = false)
    {
        Raw((byte)'"');
        while (!utf8.IsEmpty)
        {
            var plain = utf8.IndexOfAnyExcept(HtmlSafeBytes);
            if (plain < 0) plain = utf8.Length;
            Raw(utf8[..plain]);
            utf8 = utf8[plain..];
            if (utf8.IsEmpty) break;
            utf8 = utf8[EscapeText(utf8, shortControls)..];
        }

        Raw((byte)'"');
    }

    /// <summary>Writes a list of strings.</summary>
    public void Texts(IReadOnlyList<string> texts)
    {
        Raw((byte)'[');
        for (var i = 0; i < texts.Count; i++)
        {
            if (i > 0) Raw((byte)',');
            Text(texts[i]);
        }

        Raw((byte)']');
    }

    /// <summary>Writes milliseconds as seconds with none or exactly three decimals.</summary>
    /// <returns>The number of bytes.</returns>
    internal static int WriteTimestamp(long timestampMs, Span<byte> room)
    {
        var at = 0;
        var rest = (ulong)timestampMs;
        if (timestampMs < 0)
        {
            room[at++] = (byte)'-';
            rest = 0 - rest;
        }

        var (seconds, millis) = Math.DivRem(rest, 1000UL);
        Utf8Formatter.TryFormat(seconds, room[at..], out var size);
        at += size;
        if (millis == 0) return at;
        room[at] = (byte)'.';
        room[at + 1] = (byte)('0' + millis / 100);
        room[at + 2] = (byte)('0' + millis / 10 % 10);
        room[at + 3] = (byte)('0' + millis % 10);
        return at + 4;
    }

    // Both take the bytes from one that cannot stand for itself and answer how many of them are done.
    private int EscapeLabel(ReadOnlySpan<byte> utf8)
    {
        if (utf8[0] < 0x80)
        {
            EscapeAscii(utf8[0], shortControls: false);
            return 1;
        }

        var end = utf8.IndexOfAnyInRange((byte)0, (byte)0x7f);
        var run = end < 0 ? utf8 : utf8[..end];
        if (Utf8.IsValid(run))
        {
            Raw(run);
            return run.Length;
        }

        if (Rune.DecodeFromUtf8(utf8, out _, out var size) != OperationStatus.Done)
        {
            Raw("\uFFFD"u8);
            return 1;
        }

        Raw(utf8[..size]);
        return size;
    }

    private int EscapeText(ReadOnlySpan<byte> utf8, bool shortControls)
    {
        if (utf8[0] < 0x80)
        {
            EscapeAscii(utf8[0], shortControls);
            return 1;
        }

        if (Rune.DecodeFromUtf8(utf8, out var rune, out var size) != OperationStatus.Done)
        {
            Raw("\\ufffd"u8);
            return 1;
        }

        if (rune.Value is 0x2028) Raw("\\u2028"u8);
        else if (rune.Value is 0x2029) Raw("\\u2029"u8);
        else Raw(utf8[..size]);
        return size;
    }

    private void EscapeAscii(byte b, bool shortControls)
    {
        switch (b)
        {
            case (byte)'"': Raw("\\\""u8); break;
            case (byte)'\\': Raw("\\\\"u8); break;
            case (byte)'\n': Raw("\\n"u8); break;
            case (byte)'\r': Raw("\\r"u8); break;
            case (byte)'\t': Raw("\\t"u8); break;
            case (byte)'\b' when shortControls: Raw("\\b"u8); break;
            case (byte)'\f' when shortControls: Raw("\\f"u8); break;
            default:
                Raw("\\u00"u8);
                Raw(HexDigits[b >> 4]);
                Raw(HexDigits[b & 15]);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom(int size)
    {
        _output.Advance(_written);
        _written = 0;
        _room = _output.GetSpan(Math.Max(size, PieceBytes));
    }
}
