using System.Globalization;

namespace PromHost.Model;

/// <summary>
/// Sets of code points that differ by case only, as RE2's <c>(?i)</c> sees them: K, k and the Kelvin sign are one
/// orbit.
/// </summary>
internal static class CaseOrbits
{
    private static readonly Lazy<Table> s_table = new(Build);

    /// <summary>Every orbit of two or more.</summary>
    public static IReadOnlyList<int[]> All => s_table.Value.Orbits;

    /// <summary>The orbit of a code point, itself included; empty when it has no other member.</summary>
    public static ReadOnlySpan<int> Of(int rune) => s_table.Value.ByRune.GetValueOrDefault(rune);

    private static Table Build()
    {
        Dictionary<int, List<int>> byTarget = [];
        foreach (string run in CaseFoldingData.Text
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            int mark = run.AsSpan().IndexOfAny(':', '/');
            int dash = run.AsSpan(0, mark).IndexOf('-');
            int first = ParseHex(run.AsSpan(0, dash < 0 ? mark : dash));
            int last = dash < 0 ? first : ParseHex(run.AsSpan(dash + 1, mark - dash - 1));
            int delta = ParseHex(run.AsSpan(mark + 2)) * (run[mark + 1] == '-' ? -1 : 1);
            for (int rune = first; rune <= last; rune += run[mark] == '/' ? 2 : 1)
            {
                if (!byTarget.TryGetValue(rune + delta, out List<int>? sources))
                    byTarget.Add(rune + delta, sources = [rune + delta]);
                sources.Add(rune);
            }
        }

        List<int[]> orbits = [];
        Dictionary<int, int[]> byRune = [];
        foreach (List<int> members in byTarget.Values)
        {
            int[] orbit = [.. members];
            orbits.Add(orbit);
            foreach (int member in orbit)
                byRune.Add(member, orbit);
        }

        return new Table(orbits, byRune);
    }

    private static int ParseHex(ReadOnlySpan<char> digits) =>
        int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed record Table(List<int[]> Orbits, Dictionary<int, int[]> ByRune);
}
