using System.Globalization;
using System.Text;
using PromHost.Codecs;

namespace PromHost.LoadTest;

/// <summary>Multiplies real scrapes over many targets and writes the remote-write requests to files.</summary>
/// <param name="scrapes">The scrapes.</param>
/// <param name="dataSet">What is made of them.</param>
/// <param name="handlers">Beside them, native histograms of the request durations of so many handlers.</param>
internal sealed class DataSetGenerator(ScrapeFile scrapes, DataSet dataSet, int handlers = 0)
{
    private readonly NativeLatencies[][] _latencies =
    [
        .. Enumerable.Range(0, dataSet.Instances).Select(instance => Enumerable.Range(0, handlers)
            .Select(handler => new NativeLatencies(instance, handler)).ToArray()),
    ];

    /// <summary>
    /// Writes the files, one per connection. As a real sender keeps each series on one of its queues, a target's
    /// series are all in one file, in the order of time.
    /// </summary>
    /// <param name="paths">Where to.</param>
    /// <param name="progress">Told the finished part, 0 to 1.</param>
    /// <returns>The number of samples.</returns>
    public long Write(IReadOnlyList<string> paths, Action<double> progress)
    {
        var writers = paths.Select(path => new RequestWriter(path, dataSet.BatchSamples)).ToList();
        var labels = Enumerable.Range(0, dataSet.Instances).Select(EncodeLabels).ToArray();
        long total = 0;
        for (var step = 0; step < dataSet.Steps; step++)
        {
            for (var instance = 0; instance < dataSet.Instances; instance++)
                total += WriteScrape(writers[instance % writers.Count], labels[instance], instance, step);
            progress((step + 1.0) / dataSet.Steps);
        }

        foreach (var writer in writers) writer.Dispose();
        return total;
    }

    private int WriteScrape(RequestWriter writer, byte[][] labels, int instance, int step)
    {
        // Each target has its own phase within the interval and its own place in the recorded scrapes.
        var intervalMs = dataSet.IntervalSeconds * 1000L;
        var timeMs = (dataSet.StartSeconds * 1000) + (step * intervalMs) + (instance * 977L % intervalMs);
        var values = scrapes.Scrapes[(step + (instance * 37)) % scrapes.Scrapes.Count];
        var written = 0;
        for (var series = 0; series < values.Length; series++)
        {
            if (double.IsNaN(values[series])) continue;
            writer.Add(labels[series], timeMs, values[series]);
            written++;
        }

        for (var handler = 0; handler < handlers; handler++)
        {
            var latencies = _latencies[instance][handler];
            latencies.Advance(step);
            writer.Add(labels[values.Length + handler], timeMs, latencies);
        }

        return written + handlers;
    }

    private byte[][] EncodeLabels(int instance)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"10.{instance / 250}.{instance % 250}.17:9100");
        var pod = string.Create(CultureInfo.InvariantCulture, $"node-exporter-{instance:x4}-{Scramble(instance):x8}");
        var native = Enumerable.Range(0, handlers).Select(handler => (IReadOnlyList<(string, string)>)
        [
            ("__name__", "rpc_duration_seconds"),
            ("handler", string.Create(CultureInfo.InvariantCulture, $"/api/{handler}")),
        ]);
        return
        [
            .. scrapes.Series.Concat(native).Select(series =>
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
}
