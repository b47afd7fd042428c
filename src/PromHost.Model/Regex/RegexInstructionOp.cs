namespace PromHost.Model;

/// <summary>Kinds of <see cref="RegexInstruction"/>.</summary>
internal enum RegexInstructionOp : byte
{
    /// <summary>Goes on at Out, then (less preferred) at Argument.</summary>
    Split,

    /// <summary>Takes one code point of the predicate numbered Argument, then goes on at Out.</summary>
    Rune,

    /// <summary>Goes on at Out when the assertions in Argument hold.</summary>
    Assert,

    /// <summary>Notes the position in slot Argument, then goes on at Out.</summary>
    Save,

    /// <summary>The pattern has matched.</summary>
    Match,
}
