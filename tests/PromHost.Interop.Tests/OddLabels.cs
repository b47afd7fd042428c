using System.Globalization;
using PromHost.Model;

namespace PromHost.Interop.Tests;

/// <summary>
/// Label sets whose hash must come out as Prometheus's: few and many labels, long and short values, letters of all
/// lengths in UTF-8.
/// </summary>
internal static class OddLabels
{
    private static readonly string[] s_texts = ["a", "ü", "日本", "🙂", "x y", "\\\"", "{}", "0"];

    /// <summary>The label sets, all of one metric.</summary>
    public static IReadOnlyList<Labels> All { get; } = [.. Enumerable.Range(0, 500).Select(Make)];

    private static Labels Make(int number)
    {
        var random = new Random(number);
        var labels = new List<(string, string)>
        {
            ("__name__", "odd"),
            ("number", number.ToString(CultureInfo.InvariantCulture)),
            ("group", number % 3 == 0 ? "three" : "other"),
        };
        for (var i = random.Next(6); i > 0; i--)
            labels.Add(($"label_{i}_{new string('n', number % 50 == 0 ? 300 : i)}", MakeValue(random)));
        if (number % 7 == 0) labels.Add(("größe.in m²", MakeValue(random)));
        return Labels.FromPairs([.. labels]);
    }

    // Around 255 bytes the length of a value is encoded in another way.
    private static string MakeValue(Random random)
    {
        var text = s_texts[random.Next(s_texts.Length)];
        return random.Next(4) switch
        {
            0 => new string('v', random.Next(250, 260)),
            1 => string.Concat(Enumerable.Repeat(text, random.Next(50, 400))),
            _ => string.Concat(Enumerable.Repeat(text, random.Next(1, 20))),
        };
    }
}
