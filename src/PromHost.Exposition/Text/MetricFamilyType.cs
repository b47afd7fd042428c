namespace PromHost.Exposition;

/// <summary>The type of a metric family.</summary>
public enum MetricFamilyType
{
    /// <summary>Not known; <c>untyped</c> in the text format.</summary>
    Unknown,

    /// <summary>A number that only grows.</summary>
    Counter,

    /// <summary>A number that goes up and down.</summary>
    Gauge,

    /// <summary>Observations counted in buckets.</summary>
    Histogram,

    /// <summary>Observations as quantiles.</summary>
    Summary,
}
