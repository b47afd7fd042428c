// Hot path: TryMatch runs once per series in relabeling and label_replace.
namespace PromHost.Model;

/// <summary>Finds the captures of a pattern. Safe for any number of threads.</summary>
internal sealed class CaptureMatcher
{
    private readonly RegexProgram _program;
    private readonly OnePassMachine? _onePass;
    private readonly Utf8Matcher? _filter;
    private readonly int _slotCount;
    private PikeMachine? _spareMachine;

    /// <summary>Compiles a tree once more, with captures.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="slotCount">Twice the number of groups, the whole match counted.</param>
    /// <param name="matcher">Answers whether there is a match at all.</param>
    public CaptureMatcher(RegexNode root, int slotCount, Utf8Matcher matcher)
    {
        bool isAnchored = root.Op == RegexOp.BeginText
            || (root.Op == RegexOp.Concat && root.Subs[0].Op == RegexOp.BeginText);
        _slotCount = slotCount;
        _program = RegexCompiler.Compile(root, savesCaptures: true, searches: !isAnchored);
        _onePass = OnePassMachine.TryCreate(_program, slotCount);

        // The one-pass machine is as fast as the automaton, so asking that first would be twice the work.
        _filter = _onePass is not null && matcher is AutomatonMatcher ? null : matcher;
    }

    /// <summary>Finds the preferred leftmost match.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="slots">Receives begin and end by group.</param>
    public bool TryMatch(ReadOnlySpan<byte> utf8, Span<int> slots)
    {
        slots = slots[.._slotCount];
        if (_filter is not null && !_filter.IsMatch(utf8))
            return false;
        if (_onePass is not null)
            return _onePass.TryMatch(utf8, slots);
        PikeMachine machine = Interlocked.Exchange(ref _spareMachine, null)
            ?? new PikeMachine(_program, _slotCount);
        bool matched = machine.TryMatch(utf8, slots);
        _spareMachine = machine;
        return matched;
    }
}
