namespace PromHost.PromQL;

/// <summary>Finds where numbers and durations end; whether they are valid is found out when they are read.</summary>
internal static class NumberScanner
{
    private const string DecimalDigits = "0123456789";
    private const string HexDigits = "0123456789abcdefABCDEF";

    /// <summary>Moves over a number.</summary>
    /// <param name="cursor">Stands before the number; moved even when there is none.</param>
    /// <param name="inSeries">True in series notation: no hexadecimal, and <c>x</c> may follow.</param>
    public static bool TryScan(ref TextCursor cursor, bool inSeries)
    {
        var start = cursor.Position;
        var digits = DecimalDigits;

        // In series notation 0x4 is a zero repeated four times.
        if (!inSeries && cursor.Accept("0") && cursor.Accept("xX"))
        {
            cursor.Accept("_");
            digits = HexDigits;
        }

        cursor.Accept(".");
        cursor.Accept(digits);
        if (!TryScanRest(ref cursor, digits) || cursor.Position == start) return false;
        var next = cursor.Peek();
        return (inSeries && next == 'x') || !TextCursor.IsAlphaNumeric(next);
    }

    /// <summary>Moves over the rest of a duration whose first digits have been read, and one rune further.</summary>
    public static bool TryScanDuration(ref TextCursor cursor)
    {
        // The years come first or not at all. Units such as "hs" are found out when the duration is read.
        if (!cursor.Accept("smhdwy")) return false;
        cursor.Accept("s");
        while (cursor.Is(DecimalDigits))
        {
            cursor.AcceptRun(DecimalDigits);
            if (!cursor.Accept("smhdw")) return false;
            cursor.Accept("s");
        }

        return !TextCursor.IsAlphaNumeric(cursor.Next());
    }

    // Digits, at most one point and at most one exponent; single underscores between digits.
    private static bool TryScanRest(ref TextCursor cursor, string digits)
    {
        bool hasPoint = false, hasExponent = false;
        while (true)
        {
            if (cursor.Accept("."))
            {
                if (hasPoint) return false;
                hasPoint = true;
                if (cursor.Accept("_.") || digits.Length > DecimalDigits.Length) return false;
            }
            else if (cursor.Is("eE") && hasExponent)
            {
                cursor.Next();
                return false;
            }
            else if (cursor.Accept("eE"))
            {
                hasExponent = true;
                cursor.Accept("+-");
                if (cursor.Accept("._eE") || cursor.Peek() == TextCursor.EndOfText) return false;
            }
            else if (cursor.Accept("_"))
            {
                if (cursor.Accept("._eE") || cursor.Peek() == TextCursor.EndOfText) return false;
            }
            else if (cursor.Is(digits))
            {
                cursor.AcceptRun(digits);
            }
            else
            {
                return true;
            }
        }
    }
}
