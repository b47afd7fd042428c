using System.Globalization;
using System.Text;
using PromHost.Model;
using PromHost.Storage;
using PromHost.Tsdb;

namespace PromHost.Server;

/// <summary>Writes samples as <c>promtool tsdb dump</c> and <c>dump-openmetrics</c> do, one per line.</summary>
/// <param name="output">Where.</param>
/// <param name="format">How.</param>
internal sealed class SampleDump(TextWriter output, SampleDumpFormat format)
{
    private const int MaxNumberChars = 32;

    private readonly SampleColumns _columns = new();
    private readonly StringBuilder _histogram = new();
    private readonly char[] _line = new char[GoFloat.MaxSizeBytes + MaxNumberChars];

    /// <summary>Writes all samples of a series.</summary>
    public void Write(StoredSeriesReader series)
    {
        var prefix = (format == SampleDumpFormat.Plain ? series.Labels.ToString() : Metric(series.Labels)) + " ";
        for (var piece = 0; piece < series.PieceCount; piece++)
        {
            series.Read(piece, _columns);
            var histograms = _columns.Histograms;
            for (var i = 0; i < _columns.Count; i++)
            {
                if (histograms.IsEmpty || histograms[i] is not { } histogram) WriteFloat(prefix, i);
                else if (format == SampleDumpFormat.Plain) WriteHistogram(prefix, i, histogram);
                // As in promtool: a series ends where it becomes a histogram.
                else return;
            }
        }
    }

    /// <summary>Ends the dump.</summary>
    public void End()
    {
        if (format == SampleDumpFormat.OpenMetrics) output.Write("# EOF\n");
    }

    // Label names are not quoted, whatever is in them.
    private static string Metric(Labels labels)
    {
        var text = new StringBuilder(Encoding.UTF8.GetString(labels.MetricNameValue)).Append('{');
        var isFirst = true;
        foreach (var label in labels)
        {
            if (label.Name.SequenceEqual(Labels.MetricNameUtf8)) continue;
            if (!isFirst) text.Append(',');
            isFirst = false;
            text.Append(Encoding.UTF8.GetString(label.Name)).Append('=').Append(GoText.Quote(label.Value));
        }

        return text.Append('}').ToString();
    }

    private void WriteFloat(string prefix, int index)
    {
        output.Write(prefix);
        Span<byte> value = stackalloc byte[GoFloat.MaxSizeBytes];
        var count = Encoding.ASCII.GetChars(value[..GoFloat.WriteGeneral(_columns.Values[index], value)], _line);
        _line[count++] = ' ';
        if (format == SampleDumpFormat.Plain)
        {
            _columns.TimestampsMs[index].TryFormat(
                _line.AsSpan(count), out var written, provider: CultureInfo.InvariantCulture);
            count += written;
        }
        else
        {
            // Go divides and rounds as well.
            (_columns.TimestampsMs[index] / 1000.0).TryFormat(
                _line.AsSpan(count), out var written, "F3", CultureInfo.InvariantCulture);
            count += written;
        }

        _line[count++] = '\n';
        output.Write(_line.AsSpan(0, count));
    }

    private void WriteHistogram(string prefix, int index, NativeHistogram histogram)
    {
        _histogram.Clear().Append(prefix);
        HistogramDescription.Append(_histogram, histogram);
        _histogram.Append(' ').Append(CultureInfo.InvariantCulture, $"{_columns.TimestampsMs[index]}\n");
        output.Write(_histogram);
    }
}
