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

    /// <summary>
    /// The same with a classic histogram of request durations beside, which a node_exporter does not have: made from
    /// the time of the processors, so that it counts up and starts anew as they do.
    /// </summary>
    public ScrapeFile WithLatencies()
    {
        string[] bounds = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
        string[] handlers = ["/query", "/query_range", "/write"];
        var busy = Series.Select((labels, i) => (labels, i)).Where(series =>
            series.labels.Contains(("__name__", "node_cpu_seconds_total"))).Select(series => series.i).ToList();
        var made = handlers.SelectMany(handler => bounds.Select(bound => (IReadOnlyList<(string, string)>)
            [("__name__", "http_request_duration_seconds_bucket"), ("handler", handler), ("le", bound)])).ToList();
        return new ScrapeFile([.. Series, .. made],
        [
            .. Scrapes.Select(scrape =>
            {
                var total = busy.Sum(i => double.IsNaN(scrape[i]) ? 0 : scrape[i]);
                return (double[])
                [
                    .. scrape,
                    .. made.Select((_, i) => Math.Floor(
                        total * (1 + (i / bounds.Length)) * (1 - Math.Exp(-(1.0 + (i % bounds.Length)) / 4)))),
                ];
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
