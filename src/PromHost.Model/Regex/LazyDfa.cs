// Hot path: IsMatch runs once per label value; only its loop is hot, states are made rarely.
namespace PromHost.Model;

/// <summary>
/// Answers whether a program matches, by a deterministic automaton over classes of code points whose states are made as
/// texts need them. One transition per code point; the states kept are bounded, and all are dropped when too many.
/// Safe for any number of threads: states do not change but for transitions, which are published whole.
/// </summary>
internal sealed class LazyDfa
{
    // Beyond it the states themselves become too large to be worth keeping.
    internal const int MaxInstructions = 100_000;

    // Bounds the cache in words of 8 bytes (one per instruction and transition of a state): 1 MiB, and up to 8 MiB for
    // large programs such as lists of a thousand names.
    private const int LeastCacheWords = 1 << 17;
    private const int MostCacheWords = 1 << 20;

    // When to give up: so many flushes, and in one text so many transitions made and one in eight code points.
    private const int LeastFlushCount = 3;
    private const int LeastMadeCount = 64;

    private static readonly DfaState s_dead = new([], RegexAssertions.None, 0);
    private static readonly DfaState s_match = new([-1], RegexAssertions.None, 0);

    private readonly RegexProgram _program;
    private readonly RuneClasses _classes;
    private readonly int _cacheWords;
    private readonly RegexAssertions _rememberedContext;
    private readonly Lock _gate = new();
    private Scratch? _spareScratch;
    private Cache _cache;
    private int _flushCount;

    public LazyDfa(RegexProgram program, int? cacheWords = null)
    {
        _program = program;
        _classes = program.Classes;
        _cacheWords = cacheWords
            ?? (int)Math.Clamp(64L * program.Instructions.Length, LeastCacheWords, MostCacheWords);
        _rememberedContext = program.Assertions;
        if (program.Assertions.HasFlag(RegexAssertions.NotWordBoundary))
            _rememberedContext |= RegexAssertions.WordBoundary;
        _cache = new Cache(MakeStart());
    }

    /// <summary>
    /// Whether texts keep needing new states although the cache was dropped before: simulating the program is then
    /// cheaper. Answers stay right.
    /// </summary>
    public bool IsHopeless { get; private set; }

    /// <summary>How often the cache was dropped.</summary>
    internal int FlushCount => Volatile.Read(ref _flushCount);

    /// <summary>States in the cache now.</summary>
    internal int StateCount
    {
        get
        {
            lock (_gate)
                return _cache.States.Count;
        }
    }

    /// <summary>Words in the cache now.</summary>
    internal int CachedWords
    {
        get
        {
            lock (_gate)
                return _cache.Words;
        }
    }

    /// <summary>Whether the program matches the text (some part of it when the program searches).</summary>
    public bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        DfaState state = Volatile.Read(ref _cache).Start;
        if (state.IsFinal)
            return ReferenceEquals(state, s_match);
        int madeCount = 0;
        int i = 0;
        while (i < utf8.Length)
        {
            byte value = utf8[i];
            int runeClass;
            if (value < 0x80)
            {
                runeClass = _classes.OfAscii(value);
                i++;
            }
            else
            {
                runeClass = _classes.Of(RuneClasses.Decode(utf8[i..], out int width));
                i += width;
            }

            DfaState? next = state.Next[runeClass];
            if (next is null)
            {
                next = Extend(state, runeClass);
                if (++madeCount > LeastMadeCount && madeCount * 8 > i)
                    NoteThrashing();
            }

            state = next;
            if (state.IsFinal)
                return ReferenceEquals(state, s_match);
        }

        state = state.Next[_classes.Count] ?? Extend(state, _classes.Count);
        return ReferenceEquals(state, s_match);
    }

    private void NoteThrashing()
    {
        if (FlushCount >= LeastFlushCount)
            IsHopeless = true;
    }

    /// <summary>Works out a transition and publishes it.</summary>
    private DfaState Extend(DfaState state, int runeClass)
    {
        Scratch scratch = Interlocked.Exchange(ref _spareScratch, null) ?? new Scratch(_program.Instructions.Length);
        DfaState next = Intern(Step(state, runeClass, scratch));
        _spareScratch = scratch;
        Volatile.Write(ref state.Next[runeClass], next);
        return next;
    }

    private DfaState Intern(DfaState state)
    {
        if (state.IsFinal)
            return state;
        lock (_gate)
        {
            if (_cache.States.TryGetValue(state, out DfaState? known))
                return known;
            int words = state.Instructions.Length + state.Next.Length + 16;
            if (_cache.Words + words > _cacheWords)
            {
                // Texts under way keep their states alive; nothing in the new cache leads back to the old.
                Volatile.Write(ref _cache, new Cache(MakeStart()));
                _flushCount++;
            }

            _cache.Words += words;
            _cache.States.Add(state);
            return state;
        }
    }

    private DfaState MakeStart()
    {
        Scratch scratch = new(_program.Instructions.Length);
        RegexAssertions before = RegexAssertions.BeginText | RegexAssertions.BeginLine;
        return Follow(_program.Start, before, isComplete: false, scratch, scratch.Next)
            ? s_match
            : ToState(scratch, before);
    }

    private DfaState Step(DfaState state, int runeClass, Scratch scratch)
    {
        bool atEnd = runeClass == _classes.Count;
        int rune = atEnd ? -1 : _classes.Representatives[runeClass];

        // Assertions that were pending can be decided now that both sides are known.
        RegexAssertions between = Between(state.Context, rune);
        scratch.Current.Clear();
        foreach (int index in state.Instructions)
        {
            RegexInstruction instruction = _program.Instructions[index];
            if (instruction.Op == RegexInstructionOp.Rune)
                scratch.Current.Add(index);
            else if ((instruction.Argument & (int)between) != 0
                && Follow(instruction.Out, between, isComplete: true, scratch, scratch.Current))
                return s_match;
        }

        if (atEnd)
            return s_dead;
        scratch.Next.Clear();
        RegexAssertions before = rune == '\n' ? RegexAssertions.BeginLine : RegexAssertions.None;
        foreach (int index in scratch.Current.Items)
        {
            RegexInstruction instruction = _program.Instructions[index];
            if (instruction.Op == RegexInstructionOp.Rune
                && _classes.Accepts(instruction.Argument, runeClass)
                && Follow(instruction.Out, before, isComplete: false, scratch, scratch.Next))
                return s_match;
        }

        if (_program.Searches && Follow(_program.Start, before, isComplete: false, scratch, scratch.Next))
            return s_match;
        return ToState(scratch, RegexProgram.IsWordCharacter(rune) ? before | RegexAssertions.WordBoundary : before);
    }

    /// <summary>
    /// Adds everything that can be reached without taking a code point.
    /// </summary>
    /// <param name="start">Where to begin.</param>
    /// <param name="holding">The assertions that hold.</param>
    /// <param name="isComplete">
    /// Whether all of those are known; if not, only those about the text before, and others are left pending in the
    /// set.
    /// </param>
    /// <param name="scratch">Lends its stack.</param>
    /// <param name="target">Receives the instructions passed through.</param>
    /// <returns>Whether the pattern has matched.</returns>
    private bool Follow(int start, RegexAssertions holding, bool isComplete, Scratch scratch, SparseSet target)
    {
        Stack<int> stack = scratch.Stack;
        stack.Clear();
        stack.Push(start);
        while (stack.TryPop(out int index))
        {
            if (!target.Add(index))
                continue;
            RegexInstruction instruction = _program.Instructions[index];
            switch (instruction.Op)
            {
                case RegexInstructionOp.Match:
                    return true;
                case RegexInstructionOp.Split:
                    stack.Push(instruction.Argument);
                    stack.Push(instruction.Out);
                    break;
                case RegexInstructionOp.Save:
                case RegexInstructionOp.Assert when (instruction.Argument & (int)holding) != 0:
                    stack.Push(instruction.Out);
                    break;
                default:
                    break;
            }
        }

        return false;
    }

    /// <summary>Makes a state of the instructions in <see cref="Scratch.Next"/> that still mean something.</summary>
    private DfaState ToState(Scratch scratch, RegexAssertions context)
    {
        const RegexAssertions AboutBefore = RegexAssertions.BeginText | RegexAssertions.BeginLine;
        List<int> kept = [];
        bool hasPending = false;
        foreach (int index in scratch.Next.Items)
        {
            RegexInstruction instruction = _program.Instructions[index];
            bool isPending = instruction.Op == RegexInstructionOp.Assert
                && ((RegexAssertions)instruction.Argument & AboutBefore) == RegexAssertions.None;
            hasPending |= isPending;
            if (isPending || instruction.Op == RegexInstructionOp.Rune)
                kept.Add(index);
        }

        if (kept.Count == 0 && !_program.Searches)
            return s_dead;
        kept.Sort();
        RegexAssertions remembered = hasPending ? context & _rememberedContext : RegexAssertions.None;
        return new DfaState([.. kept], remembered, _classes.Count + 1);
    }

    private static RegexAssertions Between(RegexAssertions context, int rune)
    {
        const RegexAssertions AboutBefore = RegexAssertions.BeginText | RegexAssertions.BeginLine;
        RegexAssertions after = RegexProgram.AssertionsBetween(
            context.HasFlag(RegexAssertions.WordBoundary) ? 'a' : ' ', rune);
        return after | (context & AboutBefore);
    }

    /// <summary>What making one state needs; rented by one thread at a time.</summary>
    private sealed class Scratch(int instructionCount)
    {
        public SparseSet Current { get; } = new(instructionCount);

        public SparseSet Next { get; } = new(instructionCount);

        public Stack<int> Stack { get; } = new();
    }

    /// <summary>The states known; replaced as a whole when they are too many.</summary>
    private sealed class Cache(DfaState start)
    {
        public DfaState Start { get; } = start;

        public HashSet<DfaState> States { get; } = [];

        public int Words { get; set; }
    }
}
