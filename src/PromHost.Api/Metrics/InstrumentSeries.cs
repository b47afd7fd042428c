// Hot path: counters of the write path end here, once per batch.
using System.Diagnostics.Metrics;
using System.Globalization;
using PromHost.Exposition;
using PromHost.Model;

namespace PromHost.Api;

/// <summary>The values of one instrument, one cell per combination of tags. Thread-safe.</summary>
internal sealed class InstrumentSeries
{
    // Seconds from a millisecond to a minute, for histograms that bring no bounds of their own.
    private static readonly double[] DefaultBounds =
        [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60];

    private readonly Lock _lock = new();
    private readonly string _name;
    private readonly string _help;
    private readonly string _unit;
    private readonly MetricFamilyType _type;
    private readonly bool _isObservable;
    private readonly bool _adds;
    private readonly double[] _bounds;
    private readonly KeyValuePair<string, object?>[] _fixedTags;
    private volatile MetricCell[] _cells = [];

    public InstrumentSeries(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        _name = instrument.Name;
        _help = instrument.Description ?? "";
        _unit = instrument.Unit switch { "s" => "seconds", "By" => "bytes", var unit => unit ?? "" };
        _isObservable = instrument.IsObservable;
        var isHistogram = kind.StartsWith("Histogram", StringComparison.Ordinal);
        var isCounter = kind.StartsWith("Counter", StringComparison.Ordinal) ||
            kind.StartsWith("ObservableCounter", StringComparison.Ordinal);
        _type = isHistogram ? MetricFamilyType.Histogram
            : isCounter ? MetricFamilyType.Counter
            : MetricFamilyType.Gauge;
        // A gauge is set; counters and up-down counters are told differences, unless they are observed.
        _adds = !_isObservable && !kind.StartsWith("Gauge", StringComparison.Ordinal);
        _bounds = isHistogram ? BoundsOf(instrument) : [];
        _fixedTags = [.. instrument.Meter.Tags ?? [], .. instrument.Tags ?? []];
    }

    /// <summary>Takes a measurement.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var cell = Find(_cells, tags) ?? Add(tags);
        if (_type == MetricFamilyType.Histogram) cell.Observe(value, _bounds);
        else if (_adds) cell.Add(value);
        else cell.Set(value);
    }

    /// <summary>Empties an observed instrument: what is not observed again is gone.</summary>
    public void ForgetObserved()
    {
        if (_isObservable) _cells = [];
    }

    /// <summary>Writes the family, when it has a value.</summary>
    public void Write(ExpositionWriter writer)
    {
        var cells = _cells;
        if (cells.Length == 0) return;
        writer.BeginFamily(_name, _type, _help, _unit);
        foreach (var cell in cells.OrderBy(cell => cell.Labels))
        {
            if (_type == MetricFamilyType.Histogram) cell.WriteHistogram(writer, _bounds);
            else writer.WriteSample(cell.Labels, cell.Value);
        }
    }

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        _ => DefaultBounds,
    };

    private static MetricCell? Find(MetricCell[] cells, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var cell in cells)
        {
            if (cell.HasTags(tags)) return cell;
        }

        return null;
    }

    private MetricCell Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            if (Find(_cells, tags) is { } existing) return existing;
            var cell = new MetricCell(tags.ToArray(), LabelsOf(tags), _bounds.Length);
            _cells = [.. _cells, cell];
            return cell;
        }
    }

    private Labels LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var builder = new LabelsBuilder();
        foreach (var tag in _fixedTags) builder.Set(tag.Key, Text(tag.Value));
        foreach (var tag in tags) builder.Set(tag.Key, Text(tag.Value));
        return builder.ToLabels();
    }

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
