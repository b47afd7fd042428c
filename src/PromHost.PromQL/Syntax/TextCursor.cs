using System.Buffers;
using System.Text;

namespace PromHost.PromQL;

/// <summary>A place in a UTF-8 text that moves rune by rune; bytes that are not UTF-8 read as U+FFFD.</summary>
internal struct TextCursor(byte[] text)
{
    /// <summary>What <see cref="Next"/> gives at the end of the text.</summary>
    public const int EndOfText = -1;

    private int _width;

    /// <summary>The whole text.</summary>
    public readonly byte[] Text => text;

    /// <summary>The offset of the next rune.</summary>
    public int Position { get; set; }

    /// <summary>Reads the next rune.</summary>
    public int Next()
    {
        if (Position >= text.Length)
        {
            _width = 0;
            return EndOfText;
        }

        int rune = text[Position];
        _width = 1;
        if (rune >= 0x80)
        {
            var status = Rune.DecodeFromUtf8(text.AsSpan(Position), out var decoded, out var size);
            rune = decoded.Value;

            // One invalid byte at a time, however long the broken sequence is.
            _width = status == OperationStatus.Done ? size : 1;
        }

        Position += _width;
        return rune;
    }

    /// <summary>Reads the next rune without moving.</summary>
    public int Peek()
    {
        var rune = Next();
        Back();
        return rune;
    }

    /// <summary>Undoes the last <see cref="Next"/>; only once after each.</summary>
    public void Back() => Position -= _width;

    /// <summary>Moves over the next rune if it is one of these.</summary>
    public bool Accept(string runes)
    {
        if (Contains(runes, Next())) return true;
        Back();
        return false;
    }

    /// <summary>Is the next rune one of these?</summary>
    public bool Is(string runes) => Contains(runes, Peek());

    /// <summary>Moves over a run of these runes.</summary>
    public void AcceptRun(string runes)
    {
        while (Contains(runes, Next()))
        {
            // Moved by Next.
        }

        Back();
    }

    public static bool IsSpace(int rune) => rune is ' ' or '\t' or '\n' or '\r';

    public static bool IsDigit(int rune) => rune is >= '0' and <= '9';

    public static bool IsAlpha(int rune) => rune is '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    public static bool IsAlphaNumeric(int rune) => IsAlpha(rune) || IsDigit(rune);

    private static bool Contains(string runes, int rune) => rune is >= 0 and < 0x80 && runes.Contains((char)rune);
}
