using System.Net.Http.Headers;
using System.Text;
using PromHost.Codecs;
using PromHost.Model;
using PromHost.Remote.Tests;

namespace PromHost.Interop.Tests;

/// <summary>Remote-write 1.0 requests as a sender makes them.</summary>
internal static class WriteRequests
{
    /// <summary>The body of a request, one sample per entry, of series <c>metric{series="…"}</c>.</summary>
    public static ByteArrayContent Content(
        string metric, IEnumerable<(string Series, long TimeMs, double Value)> samples)
    {
        using var message = new ByteWriter(1 << 16);
        var writer = new ProtoWriter(message);
        foreach (var (series, timeMs, value) in samples)
        {
            var timeSeries = writer.BeginMessage(1);
            WriteLabel(ref writer, "__name__", metric);
            WriteLabel(ref writer, "series", series);
            WriteSample(ref writer, timeMs, value);
            writer.EndMessage(timeSeries);
        }

        return Compress(message);
    }

    /// <summary>The body of a request with whole series.</summary>
    public static ByteArrayContent Content(IEnumerable<(Labels Labels, FloatSample[] Samples)> series)
    {
        using var message = new ByteWriter(1 << 16);
        var writer = new ProtoWriter(message);
        foreach (var (labels, samples) in series)
        {
            if (samples.Length == 0) continue;
            var timeSeries = writer.BeginMessage(1);
            foreach (var label in labels)
                WriteLabel(ref writer, Encoding.UTF8.GetString(label.Name), Encoding.UTF8.GetString(label.Value));
            foreach (var sample in samples) WriteSample(ref writer, sample.TimestampMs, sample.Value);
            writer.EndMessage(timeSeries);
        }

        return Compress(message);
    }

    /// <summary>The body of a request, one float or native histogram per entry.</summary>
    public static ByteArrayContent ContentWithHistograms(
        string metric, IEnumerable<(string Series, long TimeMs, double Value, NativeHistogram? Histogram)> samples)
    {
        using var message = new ByteWriter(1 << 16);
        var writer = new ProtoWriter(message);
        foreach (var (series, timeMs, value, histogram) in samples)
        {
            var timeSeries = writer.BeginMessage(1);
            WriteLabel(ref writer, "__name__", metric);
            WriteLabel(ref writer, "series", series);
            if (histogram is not null) HistogramFields.Write(writer, 4, timeMs, histogram);
            else WriteSample(ref writer, timeMs, value);
            writer.EndMessage(timeSeries);
        }

        return Compress(message);
    }

    /// <summary>The body of a request, one float or native histogram per entry, of any series.</summary>
    /// <param name="samples">Labels ordered by name, time, and value or histogram.</param>
    public static ByteArrayContent ContentOf(
        IEnumerable<((string Name, string Value)[] Labels, long TimeMs, double Value, NativeHistogram? Histogram)>
            samples)
    {
        using var message = new ByteWriter(1 << 16);
        var writer = new ProtoWriter(message);
        foreach (var (labels, timeMs, value, histogram) in samples)
        {
            var timeSeries = writer.BeginMessage(1);
            foreach (var label in labels) WriteLabel(ref writer, label.Name, label.Value);
            if (histogram is not null) HistogramFields.Write(writer, 4, timeMs, histogram);
            else WriteSample(ref writer, timeMs, value);
            writer.EndMessage(timeSeries);
        }

        return Compress(message);
    }

    /// <summary>The body of a request with one exemplar per sample, labelled <c>trace_id</c>.</summary>
    public static ByteArrayContent ContentWithExemplars(
        string metric, IEnumerable<(string Series, long TimeMs, double Value, string Trace)> exemplars)
    {
        using var message = new ByteWriter(1 << 16);
        var writer = new ProtoWriter(message);
        foreach (var (series, timeMs, value, trace) in exemplars)
        {
            var timeSeries = writer.BeginMessage(1);
            WriteLabel(ref writer, "__name__", metric);
            WriteLabel(ref writer, "series", series);
            WriteSample(ref writer, timeMs, value);
            var exemplar = writer.BeginMessage(3);
            WriteLabel(ref writer, "trace_id", trace);
            writer.WriteDouble(2, value);
            writer.WriteInt64(3, timeMs);
            writer.EndMessage(exemplar);
            writer.EndMessage(timeSeries);
        }

        return Compress(message);
    }

    private static ByteArrayContent Compress(ByteWriter message)
    {
        var compressed = new byte[SnappyEncoder.MaxEncodedLength(message.Length)];
        var size = new SnappyEncoder().Encode(message.WrittenSpan, compressed);
        var content = new ByteArrayContent(compressed, 0, size);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        content.Headers.Add("X-Prometheus-Remote-Write-Version", "0.1.0");
        return content;
    }

    private static void WriteSample(ref ProtoWriter writer, long timeMs, double value)
    {
        var sample = writer.BeginMessage(2);
        writer.WriteDouble(1, value);
        writer.WriteInt64(2, timeMs);
        writer.EndMessage(sample);
    }

    private static void WriteLabel(ref ProtoWriter writer, string name, string value)
    {
        var label = writer.BeginMessage(1);
        writer.WriteBytes(1, Encoding.UTF8.GetBytes(name));
        writer.WriteBytes(2, Encoding.UTF8.GetBytes(value));
        writer.EndMessage(label);
    }
}
