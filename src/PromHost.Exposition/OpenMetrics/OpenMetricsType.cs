namespace PromHost.Exposition;

/// <summary>The type of a metric family in OpenMetrics.</summary>
public enum OpenMetricsType
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>A number that only grows.</summary>
    Counter,

    /// <summary>A number that goes up and down.</summary>
    Gauge,

    /// <summary>Observations counted in buckets.</summary>
    Histogram,

    /// <summary>What is there now, counted in buckets.</summary>
    GaugeHistogram,

    /// <summary>Observations as quantiles.</summary>
    Summary,

    /// <summary>Labels that say something about the target.</summary>
    Info,

    /// <summary>Which of some states holds.</summary>
    StateSet,
}
