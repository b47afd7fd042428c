using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using PromHost.Codecs;

namespace PromHost.LoadTest;

/// <summary>
/// Multiplies real scrapes over many targets and writes the remote-write requests to a file, ready to be sent:
/// per request <c>size (4 bytes) samples (4 bytes) body</c>, low byte first.
/// </summary>
internal sealed class DataSetGenerator(ScrapeFile scrapes, DataSet dataSet) : IDisposable
{
    private readonly ByteWriter _message = new(1 << 20);
    private readonly SnappyEncoder _snappy = new();
    private byte[] _compressed = [];
    private int _samplesInMessage;

    /// <summary>Writes the file.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="progress">Told the finished part, 0 to 1.</param>
    /// <returns>The number of samples.</returns>
    public long Write(string path, Action<double> progress)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var labels = Enumerable.Range(0, dataSet.Instances).Select(EncodeLabels).ToArray();
        long total = 0;
        for (var step = 0; step < dataSet.Steps; step++)
        {
            for (var instance = 0; instance < dataSet.Instances; instance++)
                total += WriteScrape(file, labels[instance], instance, step);
            progress((step + 1.0) / dataSet.Steps);
        }

        Flush(file);
        return total;
    }

    public void Dispose() => _message.Dispose();

    private int WriteScrape(FileStream file, byte[][] labels, int instance, int step)
    {
        // Each target has its own phase within the interval and its own place in the recorded scrapes.
        var intervalMs = dataSet.IntervalSeconds * 1000L;
        var timeMs = (dataSet.StartSeconds * 1000) + (step * intervalMs) + (instance * 977L % intervalMs);
        var values = scrapes.Scrapes[(step + (instance * 37)) % scrapes.Scrapes.Count];
        var written = 0;
        for (var series = 0; series < values.Length; series++)
        {
            if (double.IsNaN(values[series])) continue;
            var writer = new ProtoWriter(_message);
            var timeSeries = writer.BeginMessage(1);
            _message.WriteBytes(labels[series]);
            var sample = writer.BeginMessage(2);
            writer.WriteDouble(1, values[series]);
            writer.WriteInt64(2, timeMs);
            writer.EndMessage(sample);
            writer.EndMessage(timeSeries);
            written++;
            if (++_samplesInMessage == dataSet.BatchSamples) Flush(file);
        }

        return written;
    }

    private byte[][] EncodeLabels(int instance)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"10.{instance / 250}.{instance % 250}.17:9100");
        var pod = string.Create(CultureInfo.InvariantCulture, $"node-exporter-{instance:x4}-{Scramble(instance):x8}");
        return
        [
            .. scrapes.Series.Select(series =>
            {
                using var encoded = new ByteWriter(512);
                var writer = new ProtoWriter(encoded);
                (string Name, string Value)[] all =
                [
                    .. series, ("instance", address), ("job", "node-exporter"), ("cluster", "prod-eu-1"),
                    ("namespace", "monitoring"), ("pod", pod),
                ];
                foreach (var (name, value) in all.OrderBy(label => label.Name, StringComparer.Ordinal))
                {
                    var label = writer.BeginMessage(1);
                    writer.WriteBytes(1, Encoding.UTF8.GetBytes(name));
                    writer.WriteBytes(2, Encoding.UTF8.GetBytes(value));
                    writer.EndMessage(label);
                }

                return encoded.WrittenSpan.ToArray();
            }),
        ];
    }

    private static uint Scramble(int instance)
    {
        var hash = (uint)instance * 2654435761u;
        return (hash ^ (hash >> 15)) * 2246822519u;
    }

    private void Flush(FileStream file)
    {
        if (_samplesInMessage == 0) return;
        var bound = SnappyEncoder.MaxEncodedLength(_message.Length);
        if (_compressed.Length < bound) _compressed = new byte[bound];
        var size = _snappy.Encode(_message.WrittenSpan, _compressed);
        Span<byte> header = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(header, size);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], _samplesInMessage);
        file.Write(header);
        file.Write(_compressed, 0, size);
        _message.Clear();
        _samplesInMessage = 0;
    }
}
