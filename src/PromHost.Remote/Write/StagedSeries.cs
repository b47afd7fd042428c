using PromHost.Storage;

namespace PromHost.Remote;

/// <summary>Where one TimeSeries of a message lies, and what it became.</summary>
internal struct StagedSeries
{
    /// <summary>Offset of the TimeSeries in the message.</summary>
    public int SeriesOffset;

    /// <summary>Offset of the label fields in the message, or in the joined labels of the batch.</summary>
    public int LabelsOffset;

    /// <summary>Length of the label fields; 0 when there are none.</summary>
    public int LabelsLength;

    /// <summary>Whether the label fields were scattered and had to be joined.</summary>
    public bool AreLabelsJoined;

    /// <summary>Index of the first sample in the batch.</summary>
    public int FirstSample;

    /// <summary>Number of float samples.</summary>
    public int SampleCount;

    /// <summary>Number of native histogram samples.</summary>
    public int HistogramCount;

    /// <summary>Index of the first native histogram in the batch.</summary>
    public int FirstHistogram;

    /// <summary>Number of exemplars.</summary>
    public int ExemplarCount;

    /// <summary>The series in the storage; 0 while it is unknown or when it is refused.</summary>
    public SeriesRef Series;
}
