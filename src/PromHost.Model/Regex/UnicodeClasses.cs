using System.Collections.Concurrent;
using System.Globalization;

namespace PromHost.Model;

/// <summary>The classes that <c>\p{…}</c> names: general categories and scripts, of Unicode 15.0.</summary>
internal static class UnicodeClasses
{
    private static readonly string[] s_categoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
        "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static readonly Lazy<Dictionary<string, RuneSet>> s_scripts = new(BuildScripts);
    private static readonly Lazy<Dictionary<string, RuneSet>> s_categories = new(BuildCategories);
    private static readonly ConcurrentDictionary<string, RuneSet> s_folded = new(StringComparer.Ordinal);

    /// <summary>Finds a class by its exact name, or null.</summary>
    /// <param name="name">A category (<c>Lu</c>, <c>L</c>), a script (<c>Greek</c>), or <c>Any</c>.</param>
    /// <param name="foldCase">Whether members that differ by case belong to it too.</param>
    public static RuneSet? Find(string name, bool foldCase)
    {
        RuneSet? set = name == "Any" ? RuneSet.Any : s_categories.Value.GetValueOrDefault(name);
        set ??= s_scripts.Value.GetValueOrDefault(name);
        if (set is null || !foldCase)
            return set;
        return s_folded.GetOrAdd(name, static (_, original) => original.FoldCase(), set);
    }

    private static Dictionary<string, RuneSet> BuildScripts()
    {
        Dictionary<string, RuneSet> scripts = new(StringComparer.Ordinal);
        string? name = null;
        List<int> bounds = [];
        foreach (string word in UnicodeScriptData.Text
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            // Names have a small letter, ranges are capital hexadecimal digits.
            if (word.AsSpan().ContainsAnyInRange('a', 'z'))
            {
                if (name is not null)
                    scripts.Add(name, new RuneSet([.. bounds]));
                (name, bounds) = (word, []);
                continue;
            }

            int dash = word.IndexOf('-', StringComparison.Ordinal);
            bounds.Add(ParseHex(dash < 0 ? word : word.AsSpan(0, dash)));
            bounds.Add(dash < 0 ? bounds[^1] : ParseHex(word.AsSpan(dash + 1)));
        }

        scripts.Add(name!, new RuneSet([.. bounds]));
        return scripts;
    }

    private static Dictionary<string, RuneSet> BuildCategories()
    {
        // The runtime may know a newer Unicode: only what has a script in ours is assigned.
        RuneSetBuilder assigned = new();
        foreach (RuneSet script in s_scripts.Value.Values)
            assigned.Add(script);
        RuneSet known = assigned.ToSet();

        Dictionary<string, List<int>> bounds = new(StringComparer.Ordinal);
        foreach (string name in s_categoryNames)
            bounds.Add(name, []);
        ReadOnlySpan<int> knownBounds = known.Bounds;
        int range = 0;
        for (int rune = 0; rune <= RuneSet.MaxRune; rune++)
        {
            while (range < knownBounds.Length && knownBounds[range + 1] < rune)
                range += 2;
            bool isKnown = range < knownBounds.Length && knownBounds[range] <= rune;
            int index = (int)CharUnicodeInfo.GetUnicodeCategory(rune);
            if (!isKnown && s_categoryNames[index] is not ("Co" or "Cs"))
                index = (int)UnicodeCategory.OtherNotAssigned;
            List<int> own = bounds[s_categoryNames[index]];
            if (own.Count > 0 && own[^1] == rune - 1)
                own[^1] = rune;
            else
                own.AddRange([rune, rune]);
        }

        return AddGroups(bounds);
    }

    private static Dictionary<string, RuneSet> AddGroups(Dictionary<string, List<int>> bounds)
    {
        Dictionary<string, RuneSet> categories = new(StringComparer.Ordinal);
        Dictionary<string, RuneSetBuilder> groups = new(StringComparer.Ordinal);
        foreach ((string name, List<int> own) in bounds)
        {
            RuneSet set = new([.. own]);
            categories.Add(name, set);
            AddTo(name[..1], set);
            if (name is "Lu" or "Ll" or "Lt")
                AddTo("LC", set);
        }

        foreach ((string name, RuneSetBuilder union) in groups)
            categories.Add(name, union.ToSet());
        return categories;

        void AddTo(string group, RuneSet set)
        {
            if (!groups.TryGetValue(group, out RuneSetBuilder? union))
                groups.Add(group, union = new RuneSetBuilder());
            union.Add(set);
        }
    }

    private static int ParseHex(ReadOnlySpan<char> digits) =>
        int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
