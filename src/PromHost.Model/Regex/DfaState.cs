namespace PromHost.Model;

/// <summary>
/// One state of a <see cref="LazyDfa"/>: the instructions the program may be at, and what must be remembered of the
/// code point before. Identity is by value of those two; the transitions are filled in as they are met.
/// </summary>
internal sealed class DfaState : IEquatable<DfaState>
{
    private readonly int _hash;

    public DfaState(int[] instructions, RegexAssertions context, int transitionCount)
    {
        Instructions = instructions;
        Context = context;
        Next = new DfaState?[transitionCount];
        HashCode hash = default;
        hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(instructions.AsSpan()));
        hash.Add((int)context);
        _hash = hash.ToHashCode();
    }

    /// <summary>
    /// By class of the next code point, the end of the text last; null when not yet known. Slots are written once or
    /// more with equal meaning, by any thread.
    /// </summary>
    public DfaState?[] Next { get; }

    /// <summary>Rune and assertion instructions, sorted.</summary>
    public int[] Instructions { get; }

    /// <summary>
    /// What pending assertions need of the text before: BeginText, BeginLine, and WordBoundary when the code point
    /// before is a word character.
    /// </summary>
    public RegexAssertions Context { get; }

    /// <summary>Whether the answer is known whatever follows.</summary>
    public bool IsFinal => Next.Length == 0;

    public bool Equals(DfaState? other) =>
        other is not null && Context == other.Context && Instructions.AsSpan().SequenceEqual(other.Instructions);

    public override bool Equals(object? obj) => Equals(obj as DfaState);

    public override int GetHashCode() => _hash;
}
