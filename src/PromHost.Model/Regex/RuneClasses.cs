// Hot path: Of runs for every code point that a program reads.
using System.Runtime.CompilerServices;
using System.Text;

namespace PromHost.Model;

/// <summary>
/// Puts code points that no predicate of a program tells apart into one class, so that the automaton's alphabet is
/// small. A predicate is a set of code points that some instruction takes.
/// </summary>
internal sealed class RuneClasses
{
    private readonly ushort[] _asciiClasses = new ushort[128];
    private readonly int[] _starts;
    private readonly int[] _classOfStart;
    private readonly int[][] _classesByPredicate;

    // The same as bits, when there are few classes.
    private readonly ulong[] _masks = [];

    private RuneClasses(int[] starts, int[] classOfStart, int[] representatives, int[][] classesByPredicate)
    {
        _starts = starts;
        _classOfStart = classOfStart;
        Representatives = representatives;
        _classesByPredicate = classesByPredicate;
        for (int rune = 0; rune < _asciiClasses.Length; rune++)
            _asciiClasses[rune] = (ushort)Find(rune);
        if (Count > 64)
            return;
        _masks = new ulong[classesByPredicate.Length];
        for (int i = 0; i < _masks.Length; i++)
        {
            foreach (int member in classesByPredicate[i])
                _masks[i] |= 1UL << member;
        }
    }

    /// <summary>Number of classes.</summary>
    public int Count => Representatives.Length;

    /// <summary>One code point of each class.</summary>
    public int[] Representatives { get; }

    /// <summary>Makes the classes for a program.</summary>
    /// <param name="predicates">What its instructions take, by predicate number.</param>
    /// <param name="assertions">Its assertions: they too tell code points apart.</param>
    public static RuneClasses Create(IReadOnlyList<RuneSet> predicates, RegexAssertions assertions)
    {
        List<RuneSet> sets = [.. predicates];
        if ((assertions & (RegexAssertions.BeginLine | RegexAssertions.EndLine)) != RegexAssertions.None)
            sets.Add(new RuneSet(['\n', '\n']));
        if ((assertions & (RegexAssertions.WordBoundary | RegexAssertions.NotWordBoundary)) != RegexAssertions.None)
            sets.Add(RuneSet.WordCharacters);

        // Sweep over all bounds: the sets that hold at a point are told apart by the sum of their random numbers.
        List<(int Rune, UInt128 Change)> edges = [(0, 0)];
        for (int i = 0; i < sets.Count; i++)
        {
            UInt128 number = new(Mix(2UL * (ulong)i), Mix((2UL * (ulong)i) + 1));
            ReadOnlySpan<int> bounds = sets[i].Bounds;
            for (int k = 0; k < bounds.Length; k += 2)
            {
                edges.Add((bounds[k], number));
                edges.Add((bounds[k + 1] + 1, UInt128.Zero - number));
            }
        }

        edges.Sort(static (x, y) => x.Rune.CompareTo(y.Rune));
        List<int> starts = [];
        List<int> classOfStart = [];
        List<int> representatives = [];
        Dictionary<UInt128, int> known = [];
        UInt128 signature = 0;
        for (int i = 0; i < edges.Count && edges[i].Rune <= RuneSet.MaxRune;)
        {
            int rune = edges[i].Rune;
            for (; i < edges.Count && edges[i].Rune == rune; i++)
                signature += edges[i].Change;
            if (known.TryAdd(signature, representatives.Count))
                representatives.Add(rune);
            starts.Add(rune);
            classOfStart.Add(known[signature]);
        }

        int[][] byPredicate = new int[predicates.Count][];
        for (int i = 0; i < byPredicate.Length; i++)
            byPredicate[i] = ListClasses(predicates[i], starts, classOfStart);
        return new RuneClasses([.. starts], [.. classOfStart], [.. representatives], byPredicate);
    }

    /// <summary>Whether an instruction with a predicate takes the code points of a class.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Accepts(int predicate, int runeClass)
    {
        if (_masks.Length > 0)
            return ((_masks[predicate] >> runeClass) & 1) != 0;
        int[] classes = _classesByPredicate[predicate];
        return classes.Length == 1 ? classes[0] == runeClass : Array.BinarySearch(classes, runeClass) >= 0;
    }

    /// <summary>The class of an ASCII byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OfAscii(byte value) => _asciiClasses[value];

    /// <summary>Reads the code point at the front of a text: an invalid byte is U+FFFD of width one.</summary>
    public static int Decode(ReadOnlySpan<byte> utf8, out int width)
    {
        if (Rune.DecodeFromUtf8(utf8, out Rune rune, out width) != System.Buffers.OperationStatus.Done)
            width = 1;
        return rune.Value;
    }

    /// <summary>The class of any code point.</summary>
    public int Of(int rune) => rune < 128 ? _asciiClasses[rune] : Find(rune);

    private int Find(int rune)
    {
        int index = Array.BinarySearch(_starts, rune);
        return _classOfStart[index >= 0 ? index : ~index - 1];
    }

    private static int[] ListClasses(RuneSet set, List<int> starts, List<int> classOfStart)
    {
        SortedSet<int> classes = [];
        ReadOnlySpan<int> bounds = set.Bounds;
        for (int i = 0; i < bounds.Length; i += 2)
        {
            for (int at = starts.BinarySearch(bounds[i]); at < starts.Count && starts[at] <= bounds[i + 1]; at++)
                classes.Add(classOfStart[at]);
        }

        return [.. classes];
    }

    /// <summary>SplitMix64's finalizer (Steele, Lea, Flood 2014): spreads a counter over 64 bits.</summary>
    private static ulong Mix(ulong value)
    {
        value = (value + 1) * 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
