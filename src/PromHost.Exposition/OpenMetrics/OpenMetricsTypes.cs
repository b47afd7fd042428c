namespace PromHost.Exposition;

/// <summary>The types of OpenMetrics as text.</summary>
public static class OpenMetricsTypes
{
    /// <summary>Reads a type as it stands behind <c># TYPE</c>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out OpenMetricsType type)
    {
        foreach (var known in Enum.GetValues<OpenMetricsType>())
        {
            type = known;
            if (text.SequenceEqual(NameOf(known))) return true;
        }

        type = OpenMetricsType.Unknown;
        return false;
    }

    /// <summary>The text of a type.</summary>
    public static ReadOnlySpan<byte> NameOf(OpenMetricsType type) => type switch
    {
        OpenMetricsType.Counter => "counter"u8,
        OpenMetricsType.Gauge => "gauge"u8,
        OpenMetricsType.Histogram => "histogram"u8,
        OpenMetricsType.GaugeHistogram => "gaugehistogram"u8,
        OpenMetricsType.Summary => "summary"u8,
        OpenMetricsType.Info => "info"u8,
        OpenMetricsType.StateSet => "stateset"u8,
        _ => "unknown"u8,
    };
}
