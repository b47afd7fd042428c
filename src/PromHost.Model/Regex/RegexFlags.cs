namespace PromHost.Model;

/// <summary>What <c>(?imsU)</c> switches.</summary>
[Flags]
internal enum RegexFlags
{
    None = 0,

    /// <summary><c>i</c>: letters match either case.</summary>
    FoldCase = 1,

    /// <summary><c>m</c>: <c>^</c> and <c>$</c> match at lines.</summary>
    MultiLine = 2,

    /// <summary><c>s</c>: a dot matches newlines.</summary>
    DotNewline = 4,

    /// <summary><c>U</c>: repetitions prefer fewer rounds, and <c>?</c> turns that about.</summary>
    Ungreedy = 8,
}
