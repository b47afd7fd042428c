namespace PromHost.Model;

/// <summary>What holds between two code points.</summary>
[Flags]
internal enum RegexAssertions : byte
{
    None = 0,
    BeginText = 1,
    BeginLine = 2,
    EndText = 4,
    EndLine = 8,
    WordBoundary = 16,
    NotWordBoundary = 32,
}
