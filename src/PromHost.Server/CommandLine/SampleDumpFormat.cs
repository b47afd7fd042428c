namespace PromHost.Server;

/// <summary>How samples are dumped.</summary>
internal enum SampleDumpFormat
{
    /// <summary>Labels, value and milliseconds, native histograms too.</summary>
    Plain,

    /// <summary>OpenMetrics, which has no native histograms.</summary>
    OpenMetrics,
}
