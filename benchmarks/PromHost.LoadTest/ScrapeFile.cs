using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace PromHost.LoadTest;

/// <summary>
/// Real scrapes of one target in the text exposition format, each preceded by a line that begins with <c>@</c>; gzip.
/// </summary>
internal sealed class ScrapeFile
{
    private ScrapeFile(List<IReadOnlyList<(string Name, string Value)>> series, List<double[]> scrapes)
    {
        Series = series;
        Scrapes = scrapes;
    }

    /// <summary>The labels of each series, the metric's name among them.</summary>
    public IReadOnlyList<IReadOnlyList<(string Name, string Value)>> Series { get; }

    /// <summary>Per scrape a value per series, NaN where it had none.</summary>
    public IReadOnlyList<double[]> Scrapes { get; }

    public static ScrapeFile Read(string path)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var scrapes = new List<Dictionary<int, double>>();
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('@'))
            {
                scrapes.Add([]);
                continue;
            }

            var space = line.LastIndexOf(' ');
            var text = line[(space + 1)..].Replace("+Inf", "Infinity", StringComparison.Ordinal);
            if (space < 0 || !double.TryParse(text, CultureInfo.InvariantCulture, out var value)) continue;
            var key = line[..space];
            if (!ids.TryGetValue(key, out var id)) ids[key] = id = ids.Count;
            scrapes[^1][id] = value;
        }

        return new ScrapeFile([.. ids.Keys.Select(ParseLabels)],
        [
            .. scrapes.Where(scrape => scrape.Count > 0).Select(scrape =>
            {
                var row = new double[ids.Count];
                Array.Fill(row, double.NaN);
                foreach (var (id, value) in scrape) row[id] = value;
                return row;
            }),
        ]);
    }

    private static IReadOnlyList<(string Name, string Value)> ParseLabels(string key)
    {
        var brace = key.IndexOf('{', StringComparison.Ordinal);
        if (brace < 0) return [("__name__", key)];
        var labels = new List<(string, string)> { ("__name__", key[..brace]) };
        var position = brace + 1;
        while (position < key.Length && key[position] != '}')
        {
            var equals = key.IndexOf('=', position);
            var name = key[position..equals];
            var value = new StringBuilder();
            for (position = equals + 2; key[position] != '"'; position++)
            {
                if (key[position] != '\\') value.Append(key[position]);
                else value.Append(key[++position] == 'n' ? '\n' : key[position]);
            }

            labels.Add((name, value.ToString()));
            position++;
            if (key[position] == ',') position++;
        }

        return labels;
    }
}
