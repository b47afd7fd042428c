namespace PromHost.PromQL;

/// <summary>
/// A text is not valid PromQL. The message is that of the first error, <c>LINE:COLUMN: parse error: MESSAGE</c>, with
/// lines and columns counted from 1 and columns in bytes.
/// </summary>
public sealed class ParseException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The text of the first error, with its place.</param>
    /// <param name="errors">All errors in the order in which they were found; at least one.</param>
    public ParseException(string message, IReadOnlyList<ParseError> errors)
        : base(message) => Errors = errors;

    /// <summary>All errors in the order in which they were found; at least one.</summary>
    public IReadOnlyList<ParseError> Errors { get; }

    internal static ParseException From(ReadOnlySpan<byte> text, IReadOnlyList<ParseError> errors) =>
        new(FormatPlace(text, errors[0].Position) + ": parse error: " + errors[0].Message, errors);

    private static string FormatPlace(ReadOnlySpan<byte> text, PositionRange position)
    {
        if (text.IsEmpty) return "unknown position";
        if (position.Start > text.Length) return "invalid position";
        ReadOnlySpan<byte> before = text[..position.Start];
        int line = before.Count((byte)'\n') + 1;
        int column = position.Start - before.LastIndexOf((byte)'\n');
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{line}:{column}");
    }
}
