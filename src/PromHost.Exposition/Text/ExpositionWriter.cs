using System.Buffers;
using System.Buffers.Text;
using System.Text;
using PromHost.Model;

namespace PromHost.Exposition;

/// <summary>
/// Writes metric families in a text format. Names that need it are quoted as UTF-8 names are. One thread at a time.
/// </summary>
/// <param name="output">Where to write; stays the caller's.</param>
/// <param name="format">The format.</param>
public sealed class ExpositionWriter(IBufferWriter<byte> output, ExpositionFormat format)
{
    private const string CounterSuffix = "_total";

    private readonly bool _openMetrics = format == ExpositionFormat.OpenMetrics;
    private byte[] _name = [];
    private bool _nameIsPlain;

    /// <summary>Begins a family; its samples follow.</summary>
    /// <param name="name">
    /// The name as the samples have it: a counter's with <c>_total</c>. In OpenMetrics a counter without that suffix is
    /// of unknown type.
    /// </param>
    /// <param name="type">Its type.</param>
    /// <param name="help">What it means; empty: not said.</param>
    /// <param name="unit">Its unit when the name ends in it, else empty; only OpenMetrics says it.</param>
    public void BeginFamily(string name, MetricFamilyType type, string help, string unit = "")
    {
        _name = Encoding.UTF8.GetBytes(name);
        _nameIsPlain = LabelNames.IsLegacyValidMetricName(_name);
        var family = name;
        if (_openMetrics && type == MetricFamilyType.Counter)
        {
            if (name.EndsWith(CounterSuffix, StringComparison.Ordinal)) family = name[..^CounterSuffix.Length];
            else type = MetricFamilyType.Unknown;
        }

        if (help.Length > 0)
        {
            WriteComment("# HELP "u8, family);
            WriteEscaped(Encoding.UTF8.GetBytes(help), quotes: _openMetrics);
            output.Write("\n"u8);
        }

        WriteComment("# TYPE "u8, family);
        output.Write(TypeName(type));
        output.Write("\n"u8);
        if (!_openMetrics || unit.Length == 0 || !family.EndsWith("_" + unit, StringComparison.Ordinal)) return;
        WriteComment("# UNIT "u8, family);
        output.Write(Encoding.UTF8.GetBytes(unit));
        output.Write("\n"u8);
    }

    /// <summary>Writes a sample of the family that was begun last.</summary>
    /// <param name="labels">Its labels but the name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="timestampMs">Its time in milliseconds since the Unix epoch, or null for now.</param>
    public void WriteSample(Labels labels, double value, long? timestampMs = null) =>
        WriteSample(default, labels, default, 0, value, timestampMs);

    /// <summary>Writes the sum of a histogram or summary.</summary>
    public void WriteSum(Labels labels, double sum) => WriteSample("_sum"u8, labels, default, 0, sum, null);

    /// <summary>Writes the number of observations of a histogram or summary.</summary>
    public void WriteCount(Labels labels, double count) => WriteSample("_count"u8, labels, default, 0, count, null);

    /// <summary>Writes a bucket of a histogram.</summary>
    /// <param name="labels">Labels of the histogram, but the name.</param>
    /// <param name="upperBound">The upper bound, the last is +Inf.</param>
    /// <param name="count">Observations up to the bound.</param>
    public void WriteBucket(Labels labels, double upperBound, double count) =>
        WriteSample("_bucket"u8, labels, "le"u8, upperBound, count, null);

    /// <summary>Writes a quantile of a summary.</summary>
    /// <param name="labels">Labels of the summary, but the name.</param>
    /// <param name="quantile">0 to 1.</param>
    /// <param name="value">The value at the quantile.</param>
    public void WriteQuantile(Labels labels, double quantile, double value) =>
        WriteSample(default, labels, "quantile"u8, quantile, value, null);

    /// <summary>Ends the exposition.</summary>
    public void End()
    {
        if (_openMetrics) output.Write("# EOF\n"u8);
    }

    private static ReadOnlySpan<byte> UntypedName => "untyped"u8;

    private ReadOnlySpan<byte> TypeName(MetricFamilyType type) => type switch
    {
        MetricFamilyType.Counter => "counter"u8,
        MetricFamilyType.Gauge => "gauge"u8,
        MetricFamilyType.Histogram => "histogram"u8,
        MetricFamilyType.Summary => "summary"u8,
        _ => _openMetrics ? "unknown"u8 : UntypedName,
    };

    private void WriteComment(ReadOnlySpan<byte> keyword, string family)
    {
        output.Write(keyword);
        var name = Encoding.UTF8.GetBytes(family);
        if (LabelNames.IsLegacyValidMetricName(name)) output.Write(name);
        else WriteQuoted(name);
        output.Write(" "u8);
    }

    private void WriteSample(ReadOnlySpan<byte> suffix, Labels labels, ReadOnlySpan<byte> numberName, double number,
        double value, long? timestampMs)
    {
        var separator = "{"u8;
        if (_nameIsPlain)
        {
            output.Write(_name);
            output.Write(suffix);
        }
        else
        {
            output.Write("{"u8);
            WriteQuoted([.. _name, .. suffix]);
            separator = ","u8;
        }

        foreach (var label in labels)
        {
            output.Write(separator);
            separator = ","u8;
            if (LabelNames.IsLegacyValid(label.Name)) output.Write(label.Name);
            else WriteQuoted(label.Name);
            output.Write("="u8);
            WriteQuoted(label.Value);
        }

        if (!numberName.IsEmpty)
        {
            output.Write(separator);
            separator = ","u8;
            output.Write(numberName);
            output.Write("=\""u8);
            WriteNumber(number, withPoint: _openMetrics);
            output.Write("\""u8);
        }

        output.Write(separator is [(byte)'{'] ? " "u8 : "} "u8);
        WriteNumber(value, withPoint: false);
        if (timestampMs is { } time) WriteTimestamp(time);
        output.Write("\n"u8);
    }

    private void WriteTimestamp(long timestampMs)
    {
        output.Write(" "u8);
        // Milliseconds in the text format, seconds in OpenMetrics.
        if (_openMetrics)
        {
            WriteNumber(timestampMs / 1000.0, withPoint: false);
            return;
        }

        var room = output.GetSpan(20);
        Utf8Formatter.TryFormat(timestampMs, room, out var size);
        output.Advance(size);
    }

    private void WriteNumber(double value, bool withPoint)
    {
        var room = output.GetSpan(GoFloat.MaxSizeBytes + 2);
        var size = GoFloat.WriteGeneral(value, room);
        if (withPoint && double.IsFinite(value) && room[..size].IndexOfAny((byte)'.', (byte)'e') < 0)
        {
            room[size++] = (byte)'.';
            room[size++] = (byte)'0';
        }

        output.Advance(size);
    }

    private void WriteQuoted(ReadOnlySpan<byte> text)
    {
        output.Write("\""u8);
        WriteEscaped(text, quotes: true);
        output.Write("\""u8);
    }

    private void WriteEscaped(ReadOnlySpan<byte> text, bool quotes)
    {
        while (text.IndexOfAny((byte)'\\', (byte)'\n', (byte)'"') is >= 0 and var at)
        {
            output.Write(text[..at]);
            output.Write(text[at] switch
            {
                (byte)'\\' => "\\\\"u8,
                (byte)'\n' => "\\n"u8,
                _ => quotes ? "\\\""u8 : "\""u8,
            });
            text = text[(at + 1)..];
        }

        output.Write(text);
    }
}
