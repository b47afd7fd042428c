using System.Globalization;
using System.Text;
using PromHost.Model;

namespace PromHost.Exposition.Tests;

/// <summary>Reads a whole exposition into lines of text that tests compare.</summary>
internal static class ParsedEntries
{
    /// <summary>All entries; the error of the text where it is wrong.</summary>
    public static (List<string> Entries, ExpositionError? Error) Read(
        ReadOnlySpan<byte> text, ExpositionReadOptions options = default)
    {
        var entries = new List<string>();
        var labels = new LabelsBuilder();
        var reader = new OpenMetricsReader(text, new OpenMetricsFamily(), options);
        while (true)
        {
            var kind = reader.Read();
            switch (kind)
            {
                case ExpositionEntryKind.Help:
                    entries.Add($"help {Text(reader.RawName)} {Unescaped(reader.RawText)}");
                    break;
                case ExpositionEntryKind.Type:
                    entries.Add($"type {Text(reader.RawName)} {Text(OpenMetricsTypes.NameOf(reader.Type))}");
                    break;
                case ExpositionEntryKind.Unit:
                    entries.Add($"unit {Text(reader.RawName)} {Text(reader.RawText)}");
                    break;
                case ExpositionEntryKind.Series:
                    entries.Add(Series(ref reader, labels));
                    break;
                default:
                    return (entries, reader.Error);
            }
        }
    }

    public static string Series(
        string raw, string labels, double value, long? timestampMs, string exemplar, long startMs) =>
        string.Create(
            CultureInfo.InvariantCulture, $"series {raw} {labels} {value:R} @{timestampMs} {exemplar} from {startMs}");

    public static string Exemplar(string labels, double value, long? timestampMs) =>
        string.Create(CultureInfo.InvariantCulture, $"# {labels} {value:R} @{timestampMs}");

    private static string Series(ref OpenMetricsReader reader, LabelsBuilder labels)
    {
        var exemplar = "";
        if (reader.HasExemplar)
        {
            reader.CopyExemplarLabels(labels);
            exemplar = Exemplar(labels.ToLabels().ToString(), reader.ExemplarValue, reader.ExemplarTimestampMs);
        }

        reader.CopyLabels(labels);
        return Series(
            Text(reader.RawSeries), labels.ToLabels().ToString(), reader.Value, reader.TimestampMs, exemplar,
            reader.FindStartTimestampMs());
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private static string Unescaped(ReadOnlySpan<byte> utf8) => Text(ExpositionEscapes.Remove(utf8, new byte[16]));
}
