// Hot path: TryMatch runs once per series in relabeling and label_replace.
using System.Numerics;

namespace PromHost.Model;

/// <summary>
/// Finds the captures of a pattern whose every next code point leaves only one way to go on, such as
/// <c>^([^-]+)-(.*)$</c>: one table step per code point, no threads (the idea is Go's onepass). Immutable.
/// </summary>
internal sealed class OnePassMachine
{
    private const int MaxSlots = 64;
    private const int MaxEntries = 1 << 16;
    private const int NoWay = -1;

    private readonly RuneClasses _classes;

    // By state and class, the end of the text last: the state that follows, or NoWay.
    private readonly int[] _next;

    // Beside it, one bit per slot that takes the position before the code point.
    private readonly ulong[] _saves;
    private readonly int _stride;

    private OnePassMachine(RuneClasses classes, List<Row> rows)
    {
        _classes = classes;
        _stride = classes.Count + 1;
        _next = new int[rows.Count * _stride];
        _saves = new ulong[rows.Count * _stride];
        for (int i = 0; i < rows.Count; i++)
        {
            rows[i].Next.CopyTo(_next, i * _stride);
            rows[i].Saves.CopyTo(_saves, i * _stride);
        }

        // States are offsets of rows.
        for (int i = 0; i < _next.Length; i++)
            _next[i] = _next[i] == NoWay ? NoWay : _next[i] * _stride;
    }

    /// <summary>Makes a machine, or null when the program is not of this kind.</summary>
    /// <param name="program">A program with captures that does not search.</param>
    /// <param name="slotCount">Slots it fills.</param>
    public static OnePassMachine? TryCreate(RegexProgram program, int slotCount)
    {
        const RegexAssertions Allowed = RegexAssertions.BeginText | RegexAssertions.EndText;
        int maxStates = MaxEntries / (program.Classes.Count + 1);
        if (program.Searches || slotCount > MaxSlots || (program.Assertions & ~Allowed) != RegexAssertions.None)
            return null;
        List<Row> rows = [];
        Dictionary<int, int> stateOf = new() { [program.Start] = 0 };
        List<int> starts = [program.Start];
        for (int i = 0; i < starts.Count; i++)
        {
            if (starts.Count > maxStates || TryBuildRow(program, starts[i]) is not { } row)
                return null;
            for (int k = 0; k < program.Classes.Count; k++)
            {
                if (row.Next[k] == NoWay)
                    continue;
                if (!stateOf.TryGetValue(row.Next[k], out int state))
                {
                    stateOf.Add(row.Next[k], state = starts.Count);
                    starts.Add(row.Next[k]);
                }

                row.Next[k] = state;
            }

            rows.Add(row);
        }

        return new OnePassMachine(program.Classes, rows);
    }

    /// <summary>Matches the whole text.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="slots">Receives the positions noted, -1 where none was.</param>
    public bool TryMatch(ReadOnlySpan<byte> utf8, Span<int> slots)
    {
        slots.Fill(-1);
        int state = 0;
        int position = 0;
        while (position < utf8.Length)
        {
            byte value = utf8[position];
            int width = 1;
            int runeClass = value < 0x80
                ? _classes.OfAscii(value)
                : _classes.Of(RuneClasses.Decode(utf8[position..], out width));
            ulong saves = _saves[state + runeClass];
            state = _next[state + runeClass];
            if (state < 0)
                return false;
            if (saves != 0)
                Save(saves, position, slots);
            position += width;
        }

        if (_next[state + _classes.Count] < 0)
            return false;
        Save(_saves[state + _classes.Count], position, slots);
        return true;
    }

    private static void Save(ulong saves, int position, Span<int> slots)
    {
        for (; saves != 0; saves &= saves - 1)
            slots[BitOperations.TrailingZeroCount(saves)] = position;
    }

    /// <summary>Finds where each class leads from an instruction; null when one leads two ways.</summary>
    private static Row? TryBuildRow(RegexProgram program, int start)
    {
        Row row = new(program.Classes.Count + 1);
        HashSet<(int Index, bool AtEnd)> seen = [];
        Stack<(int Index, ulong Saves, bool AtEnd)> stack = new();
        stack.Push((start, 0, false));
        while (stack.TryPop(out (int Index, ulong Saves, bool AtEnd) at))
        {
            if (!seen.Add((at.Index, at.AtEnd)))
                return null;
            RegexInstruction instruction = program.Instructions[at.Index];
            switch (instruction.Op)
            {
                case RegexInstructionOp.Split:
                    stack.Push((instruction.Argument, at.Saves, at.AtEnd));
                    stack.Push((instruction.Out, at.Saves, at.AtEnd));
                    break;
                case RegexInstructionOp.Save:
                    stack.Push((instruction.Out, at.Saves | (1UL << instruction.Argument), at.AtEnd));
                    break;
                case RegexInstructionOp.Assert when instruction.Argument == (int)RegexAssertions.EndText:
                    stack.Push((instruction.Out, at.Saves, true));
                    break;
                case RegexInstructionOp.Assert:
                    // Only the first state is at the begin of the text.
                    if (start == program.Start)
                        stack.Push((instruction.Out, at.Saves, at.AtEnd));
                    break;
                case RegexInstructionOp.Match:
                    // A match that need not be at the end would have to be weighed against going on.
                    if (!at.AtEnd || !row.TrySet(program.Classes.Count, 0, at.Saves))
                        return null;
                    break;
                default:
                    if (!at.AtEnd && !TryAddRune(program, instruction, at.Saves, row))
                        return null;
                    break;
            }
        }

        return row;
    }

    private static bool TryAddRune(RegexProgram program, RegexInstruction instruction, ulong saves, Row row)
    {
        for (int i = 0; i < program.Classes.Count; i++)
        {
            if (program.Classes.Accepts(instruction.Argument, i) && !row.TrySet(i, instruction.Out, saves))
                return false;
        }

        return true;
    }

    /// <summary>Where one state leads, by class.</summary>
    private sealed class Row
    {
        public Row(int count)
        {
            Next = new int[count];
            Saves = new ulong[count];
            Array.Fill(Next, NoWay);
        }

        public int[] Next { get; }

        public ulong[] Saves { get; }

        public bool TrySet(int index, int next, ulong saves)
        {
            if (Next[index] != NoWay)
                return false;
            (Next[index], Saves[index]) = (next, saves);
            return true;
        }
    }
}
