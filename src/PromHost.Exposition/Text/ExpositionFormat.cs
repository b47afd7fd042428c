namespace PromHost.Exposition;

/// <summary>A text format that metrics are exposed in.</summary>
public enum ExpositionFormat
{
    /// <summary>Prometheus's text format, version 0.0.4.</summary>
    PrometheusText,

    /// <summary>OpenMetrics, version 1.0.0.</summary>
    OpenMetrics,
}
