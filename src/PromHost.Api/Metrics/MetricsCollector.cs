using System.Buffers;
using System.Diagnostics.Metrics;
using PromHost.Exposition;

namespace PromHost.Api;

/// <summary>
/// Keeps the values of every instrument of the product's meters and writes them as exposition text. Instruments are
/// exposed under their own names; tags become labels, the description becomes the help text. Make it before the rooms:
/// what a counter counted earlier is not seen. Thread-safe.
/// </summary>
public sealed class MetricsCollector : IDisposable
{
    /// <summary>The beginning of the names of the meters that are listened to unless the caller chooses.</summary>
    public const string MeterPrefix = "PromHost";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, InstrumentSeries> _instruments = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Func<Meter, bool> _accepts;

    /// <summary>Starts to listen.</summary>
    /// <param name="accepts">Which meters; null: those whose name begins with <see cref="MeterPrefix"/>.</param>
    public MetricsCollector(Func<Meter, bool>? accepts = null)
    {
        _accepts = accepts ?? (meter => meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal));
        _listener.InstrumentPublished = Publish;
        _listener.SetMeasurementEventCallback<double>((_, v, tags, state) => Record(v, tags, state));
        _listener.SetMeasurementEventCallback<float>((_, v, tags, state) => Record(v, tags, state));
        _listener.SetMeasurementEventCallback<long>((_, v, tags, state) => Record(v, tags, state));
        _listener.SetMeasurementEventCallback<int>((_, v, tags, state) => Record(v, tags, state));
        _listener.SetMeasurementEventCallback<short>((_, v, tags, state) => Record(v, tags, state));
        _listener.SetMeasurementEventCallback<byte>((_, v, tags, state) => Record(v, tags, state));
        _listener.SetMeasurementEventCallback<decimal>((_, v, tags, state) => Record((double)v, tags, state));
        _listener.Start();
    }

    /// <summary>Writes all metrics, ordered by name.</summary>
    /// <param name="output">Where to write.</param>
    /// <param name="format">The format.</param>
    public void Write(IBufferWriter<byte> output, ExpositionFormat format)
    {
        ArgumentNullException.ThrowIfNull(output);
        // One at a time: observable instruments are emptied and filled anew.
        lock (_lock)
        {
            foreach (var series in _instruments.Values) series.ForgetObserved();
            _listener.RecordObservableInstruments();
            var writer = new ExpositionWriter(output, format);
            foreach (var series in _instruments.Values) series.Write(writer);
            writer.End();
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _listener.Dispose();

    private static void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
        ((InstrumentSeries)state!).Record(value, tags);

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if (!_accepts(instrument.Meter)) return;
        InstrumentSeries? series;
        lock (_lock)
        {
            // Rooms of several workspaces have instruments of one name; they share a family.
            if (!_instruments.TryGetValue(instrument.Name, out series))
                _instruments[instrument.Name] = series = new InstrumentSeries(instrument);
        }

        listener.EnableMeasurementEvents(instrument, series);
    }
}
