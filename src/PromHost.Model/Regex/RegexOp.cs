namespace PromHost.Model;

/// <summary>Kinds of <see cref="RegexNode"/>.</summary>
internal enum RegexOp
{
    Empty,
    Literal,
    Class,
    BeginLine,
    EndLine,
    BeginText,
    EndText,
    WordBoundary,
    NotWordBoundary,
    Capture,
    Star,
    Plus,
    Quest,
    Repeat,
    Concat,
    Alternate,
}
