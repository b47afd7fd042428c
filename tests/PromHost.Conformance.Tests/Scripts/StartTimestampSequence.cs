using System.Globalization;
using PromHost.Model;

namespace PromHost.Conformance.Tests;

/// <summary>
/// The value part of an <c>@st</c> line: <c>_</c>, <c>_xN</c>, <c>dur</c>, <c>durxN</c>, <c>dur+durxN</c>,
/// <c>dur-durxN</c>; a duration is one number and one unit with an optional sign.
/// </summary>
internal static class StartTimestampSequence
{
    private const int MaxRepeats = 1_000_000;

    /// <summary>Expands a sequence to offsets in milliseconds, null where the start is unknown.</summary>
    /// <exception cref="ScriptException">It is no such sequence.</exception>
    public static IReadOnlyList<long?> Parse(string text)
    {
        var offsetsMs = new List<long?>();
        foreach (var item in text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (string.Equals(item, "_", StringComparison.Ordinal))
            {
                offsetsMs.Add(null);
            }
            else if (item.StartsWith("_x", StringComparison.Ordinal))
            {
                var count = ParseCount(item[2..], item);
                if (count == 0) throw Invalid(item);
                offsetsMs.AddRange(Enumerable.Repeat<long?>(null, count));
            }
            else
            {
                ParseDurations(item, offsetsMs);
            }
        }

        return offsetsMs;
    }

    private static void ParseDurations(string item, List<long?> offsetsMs)
    {
        var position = 0;
        var offsetMs = ParseDuration(item, ref position);
        long deltaMs = 0;
        if (position == item.Length)
        {
            offsetsMs.Add(offsetMs);
            return;
        }

        if (item[position] is '+' or '-')
        {
            var sign = item[position++] == '-' ? -1 : 1;
            deltaMs = sign * ParseDuration(item, ref position);
        }

        if (position == item.Length || item[position] != 'x') throw Invalid(item);
        var count = ParseCount(item[(position + 1)..], item);
        for (var i = 0; i <= count; i++) offsetsMs.Add(offsetMs + (i * deltaMs));
    }

    private static long ParseDuration(string item, ref int position)
    {
        var sign = 1;
        if (position < item.Length && item[position] is '+' or '-') sign = item[position++] == '-' ? -1 : 1;
        var start = position;
        while (position < item.Length && char.IsAsciiDigit(item[position])) position++;
        // An x begins the count of repeats; no unit has it.
        while (position < item.Length && char.IsAsciiLetter(item[position]) && item[position] != 'x') position++;
        return PrometheusDuration.TryParse(item[start..position], out var durationMs, out _)
            ? sign * durationMs
            : throw Invalid(item);
    }

    private static int ParseCount(string text, string item) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= MaxRepeats
            ? count
            : throw Invalid(item);

    private static ScriptException Invalid(string item) =>
        new(ScriptFailure.InvalidScript, $"invalid start timestamps \"{item}\"");
}
