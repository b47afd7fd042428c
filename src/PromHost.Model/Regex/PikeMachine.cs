// Hot path: TryMatch runs once per series in relabeling and label_replace.
namespace PromHost.Model;

/// <summary>
/// Runs a program on a text with all its threads side by side, in order of preference, each with its captures (Pike's
/// algorithm): time is at most instructions × code points. An instance is used by one thread at a time.
/// </summary>
internal sealed class PikeMachine
{
    private readonly RegexProgram _program;
    private readonly int _slotCount;
    private readonly Stack<(int Index, int Slot, int Value)> _stack = new();
    private Threads _current;
    private Threads _next;

    /// <summary>Makes a machine for any number of texts, one after the other.</summary>
    /// <param name="program">The program, compiled with captures unless there are no slots.</param>
    /// <param name="slotCount">Positions to note; none when only the answer counts.</param>
    public PikeMachine(RegexProgram program, int slotCount)
    {
        _program = program;
        _slotCount = slotCount;
        _current = new Threads(program.Instructions.Length, slotCount);
        _next = new Threads(program.Instructions.Length, slotCount);
    }

    /// <summary>Finds the preferred leftmost match.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="slots">Receives the positions noted, -1 where none was; as many as the machine has.</param>
    public bool TryMatch(ReadOnlySpan<byte> utf8, Span<int> slots)
    {
        RuneClasses classes = _program.Classes;
        Span<int> fresh = _slotCount <= 64 ? stackalloc int[_slotCount] : new int[_slotCount];
        _current.Set.Clear();
        bool matched = false;
        int before = -1;
        int position = 0;
        while (true)
        {
            int width = 0;
            int rune = position < utf8.Length ? RuneClasses.Decode(utf8[position..], out width) : -1;
            RegexAssertions between = RegexProgram.AssertionsBetween(before, rune);
            if (!matched && (position == 0 || _program.Searches))
            {
                fresh.Fill(-1);
                Follow(_current, _program.Start, position, between, fresh);
            }

            if (_current.Set.Count == 0 && (matched || !_program.Searches))
                return matched;
            _next.Set.Clear();
            RegexAssertions after = RegexAssertions.None;
            int nextPosition = position + width;
            if (rune >= 0)
            {
                int following = nextPosition < utf8.Length ? RuneClasses.Decode(utf8[nextPosition..], out _) : -1;
                after = RegexProgram.AssertionsBetween(rune, following);
            }

            matched |= Step(rune < 0 ? -1 : classes.Of(rune), nextPosition, after, slots);
            if (rune < 0 || (matched && _slotCount == 0))
                return matched;
            (_current, _next) = (_next, _current);
            before = rune;
            position = nextPosition;
        }
    }

    /// <summary>Moves every thread over one code point; a match ends all that are less preferred.</summary>
    private bool Step(int runeClass, int nextPosition, RegexAssertions after, Span<int> slots)
    {
        foreach (int index in _current.Set.Items)
        {
            RegexInstruction instruction = _program.Instructions[index];
            if (instruction.Op == RegexInstructionOp.Match)
            {
                _current.SlotsOf(index).CopyTo(slots);
                return true;
            }

            if (instruction.Op == RegexInstructionOp.Rune
                && runeClass >= 0
                && _program.Classes.Accepts(instruction.Argument, runeClass))
                Follow(_next, instruction.Out, nextPosition, after, _current.SlotsOf(index));
        }

        return false;
    }

    /// <summary>
    /// Adds a thread for each instruction that can be reached without taking a code point, preferred ones first.
    /// </summary>
    /// <param name="target">Receives the threads.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="position">Where in the text.</param>
    /// <param name="holding">The assertions that hold there.</param>
    /// <param name="slots">What is noted so far; the same after as before.</param>
    private void Follow(Threads target, int start, int position, RegexAssertions holding, Span<int> slots)
    {
        _stack.Push((start, -1, 0));
        while (_stack.TryPop(out (int Index, int Slot, int Value) entry))
        {
            if (entry.Index < 0)
            {
                slots[entry.Slot] = entry.Value;
                continue;
            }

            if (!target.Set.Add(entry.Index))
                continue;
            RegexInstruction instruction = _program.Instructions[entry.Index];
            switch (instruction.Op)
            {
                case RegexInstructionOp.Split:
                    _stack.Push((instruction.Argument, -1, 0));
                    _stack.Push((instruction.Out, -1, 0));
                    break;
                case RegexInstructionOp.Assert when (instruction.Argument & (int)holding) == 0:
                    break;
                case RegexInstructionOp.Assert:
                    _stack.Push((instruction.Out, -1, 0));
                    break;
                case RegexInstructionOp.Save when instruction.Argument < slots.Length:
                    _stack.Push((-1, instruction.Argument, slots[instruction.Argument]));
                    slots[instruction.Argument] = position;
                    _stack.Push((instruction.Out, -1, 0));
                    break;
                case RegexInstructionOp.Save:
                    _stack.Push((instruction.Out, -1, 0));
                    break;
                default:
                    slots.CopyTo(target.SlotsOf(entry.Index));
                    break;
            }
        }
    }

    private sealed class Threads(int instructionCount, int slotCount)
    {
        private readonly int[] _slots = new int[checked(instructionCount * slotCount)];

        public SparseSet Set { get; } = new(instructionCount);

        public Span<int> SlotsOf(int index) => _slots.AsSpan(index * slotCount, slotCount);
    }
}
