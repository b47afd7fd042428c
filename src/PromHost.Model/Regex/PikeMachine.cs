// Hot path: TryMatch runs once per series in relabeling and label_replace.
using System.Runtime.InteropServices;

namespace PromHost.Model;

/// <summary>
/// Runs a program on a text with all its threads side by side, in order of preference, each with its captures (Pike's
/// algorithm): time is at most instructions × code points. An instance is used by one thread at a time.
/// </summary>
internal sealed class PikeMachine
{
    private const RegexAssertions AboutEnds = RegexAssertions.BeginText | RegexAssertions.EndText;

    private readonly RegexProgram _program;
    private readonly RegexInstruction[] _instructions;
    private readonly int _slotCount;
    private readonly bool _asksOnlyEnds;

    // Every instruction is visited once per position and leaves at most one entry for later.
    private readonly Pending[] _stack;
    private Threads _current;
    private Threads _next;

    /// <summary>Makes a machine for any number of texts, one after the other.</summary>
    /// <param name="program">The program, compiled with captures unless there are no slots.</param>
    /// <param name="slotCount">Positions to note; none when only the answer counts.</param>
    public PikeMachine(RegexProgram program, int slotCount)
    {
        _program = program;
        _instructions = program.Instructions;
        _slotCount = slotCount;
        _asksOnlyEnds = (program.Assertions & ~AboutEnds) == RegexAssertions.None;
        _stack = new Pending[program.Instructions.Length + 1];
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
        fresh.Fill(-1);
        _current.Clear();
        bool matched = false;
        int position = 0;
        int rune = DecodeAt(utf8, 0, out int width);
        RegexAssertions between = Between(-1, rune);
        while (true)
        {
            if (!matched && (position == 0 || _program.Searches))
                Follow(_current, _program.Start, position, between, fresh);
            if (_current.Count == 0 && (matched || !_program.Searches))
                return matched;
            _next.Clear();
            position += width;
            int following = rune < 0 ? -1 : DecodeAt(utf8, position, out width);
            between = Between(rune, following);
            matched |= Step(rune < 0 ? -1 : classes.Of(rune), position, between, slots);
            if (rune < 0 || (matched && _slotCount == 0))
                return matched;
            (_current, _next) = (_next, _current);
            rune = following;
        }
    }

    private static int DecodeAt(ReadOnlySpan<byte> utf8, int position, out int width)
    {
        width = 0;
        if (position >= utf8.Length)
            return -1;
        byte value = utf8[position];
        width = 1;
        return value < 0x80 ? value : RuneClasses.Decode(utf8[position..], out width);
    }

    private RegexAssertions Between(int before, int after)
    {
        if (!_asksOnlyEnds)
            return RegexProgram.AssertionsBetween(before, after);
        return (before < 0 ? RegexAssertions.BeginText : RegexAssertions.None)
            | (after < 0 ? RegexAssertions.EndText : RegexAssertions.None);
    }

    /// <summary>Moves every thread over one code point; a match ends all that are less preferred.</summary>
    private bool Step(int runeClass, int nextPosition, RegexAssertions after, Span<int> slots)
    {
        RuneClasses classes = _program.Classes;
        foreach (int index in _current.Runnable)
        {
            RegexInstruction instruction = _instructions[index];
            if (instruction.Op == RegexInstructionOp.Match)
            {
                _current.SlotsOf(index).CopyTo(slots);
                return true;
            }

            if (runeClass >= 0 && classes.Accepts(instruction.Argument, runeClass))
                Follow(_next, instruction.Out, nextPosition, after, _current.SlotsOf(index));
        }

        return false;
    }

    /// <summary>
    /// Adds a thread for each instruction that can be reached without taking a code point, preferred ones first.
    /// </summary>
    /// <param name="target">Receives the threads.</param>
    /// <param name="index">Where to begin.</param>
    /// <param name="position">Where in the text.</param>
    /// <param name="holding">The assertions that hold there.</param>
    /// <param name="slots">What is noted so far; the same after as before.</param>
    private void Follow(Threads target, int index, int position, RegexAssertions holding, Span<int> slots)
    {
        int depth = 0;
        while (true)
        {
            bool goesOn = target.Visited.Add(index);
            if (goesOn)
            {
                RegexInstruction instruction = _instructions[index];
                switch (instruction.Op)
                {
                    case RegexInstructionOp.Split:
                        _stack[depth++] = new Pending(instruction.Argument, -1, 0);
                        break;
                    case RegexInstructionOp.Save when instruction.Argument < slots.Length:
                        _stack[depth++] = new Pending(-1, instruction.Argument, slots[instruction.Argument]);
                        slots[instruction.Argument] = position;
                        break;
                    case RegexInstructionOp.Save:
                        break;
                    case RegexInstructionOp.Assert:
                        goesOn = (instruction.Argument & (int)holding) != 0;
                        break;
                    default:
                        target.Add(index, slots);
                        goesOn = false;
                        break;
                }

                index = instruction.Out;
            }

            if (goesOn)
                continue;
            for (; depth > 0 && _stack[depth - 1].Index < 0; depth--)
                slots[_stack[depth - 1].Slot] = _stack[depth - 1].Value;
            if (depth == 0)
                return;
            index = _stack[--depth].Index;
        }
    }

    /// <summary>An instruction to go on at, or (index negative) a slot to put back.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Pending(int Index, int Slot, int Value);

    /// <summary>The threads at one position, in order of preference.</summary>
    private sealed class Threads(int instructionCount, int slotCount)
    {
        private readonly int[] _slots = new int[checked(instructionCount * slotCount)];
        private readonly int[] _runnable = new int[instructionCount];

        public SparseSet Visited { get; } = new(instructionCount);

        public int Count { get; private set; }

        /// <summary>The instructions that take a code point or end the match.</summary>
        public ReadOnlySpan<int> Runnable => _runnable.AsSpan(0, Count);

        public void Clear()
        {
            Visited.Clear();
            Count = 0;
        }

        public void Add(int index, ReadOnlySpan<int> slots)
        {
            _runnable[Count++] = index;
            slots.CopyTo(_slots.AsSpan(index * slotCount));
        }

        public Span<int> SlotsOf(int index) => _slots.AsSpan(index * slotCount, slotCount);
    }
}
