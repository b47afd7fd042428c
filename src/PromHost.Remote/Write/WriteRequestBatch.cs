using PromHost.Codecs;
using PromHost.Model;

namespace PromHost.Remote;

/// <summary>
/// What a write request holds, as offsets into the message and as samples. Reused from request to request, so that
/// reading a request allocates nothing once the lists have grown. One thread at a time.
/// </summary>
internal sealed class WriteRequestBatch : IDisposable
{
    /// <summary>The TimeSeries in the order of the message.</summary>
    public List<StagedSeries> Series { get; } = new(2048);

    /// <summary>The float samples of all series, those of one series in a row.</summary>
    public List<FloatSample> Samples { get; } = new(2048);

    /// <summary>The exemplars.</summary>
    public List<MessagePart> Exemplars { get; } = [];

    /// <summary>The metadata entries.</summary>
    public List<MessagePart> Metadata { get; } = [];

    /// <summary>The label fields of series whose label fields are scattered over the TimeSeries.</summary>
    public ByteWriter JoinedLabels { get; } = new();

    /// <summary>Labels of series that the storage does not know yet, by their index in <see cref="Series"/>.</summary>
    public List<(int SeriesIndex, Labels Labels)> NewSeries { get; } = [];

    /// <summary>The largest timestamp of the float samples; the least value there is when there are none.</summary>
    public long MaxTimestampMs { get; set; }

    /// <summary>The native histograms of all series, those of one series in a row.</summary>
    public List<ReceivedHistogram> Histograms { get; } = [];

    /// <summary>Buckets, spans and bounds of these.</summary>
    public long HistogramItems { get; set; }

    /// <summary>Reads them.</summary>
    public HistogramMessage HistogramMessage { get; } = new();

    /// <summary>Forgets the last request.</summary>
    public void Clear()
    {
        Series.Clear();
        Samples.Clear();
        Exemplars.Clear();
        Metadata.Clear();
        NewSeries.Clear();
        JoinedLabels.Clear();
        MaxTimestampMs = long.MinValue;
        Histograms.Clear();
        HistogramItems = 0;
    }

    /// <summary>Whether the lists have grown so far that keeping them would waste memory.</summary>
    public bool IsOversized => Series.Capacity > 1 << 16 || Samples.Capacity > 1 << 16
        || Histograms.Capacity > 1 << 14 || HistogramMessage.IsOversized
        || JoinedLabels.Capacity > 1 << 20 || Exemplars.Capacity > 1 << 14 || Metadata.Capacity > 1 << 14;

    /// <inheritdoc/>
    public void Dispose() => JoinedLabels.Dispose();
}
