namespace PromHost.Exposition;

/// <summary>
/// What a reader of OpenMetrics carries from line to line, and from one piece of an exposition to the next. Its buffers
/// are used again and again; one reader at a time.
/// </summary>
public sealed class OpenMetricsFamily
{
    // Pairs of ends: of the metric's name, then of each label's name and value. -1: not there.
    internal List<int> Series { get; } = [];

    // The same of the exemplar, without a name.
    internal List<int> Exemplar { get; } = [];

    /// <summary>The type that was given last.</summary>
    internal OpenMetricsType Type { get; set; }

    /// <summary>The unit that was given last.</summary>
    internal byte[] Unit { get; set; } = [];

    /// <summary>Length of the name that was given last.</summary>
    internal int NameLength { get; set; }

    /// <summary>Lines before the text that is read now.</summary>
    internal long LinesBefore { get; set; }

    // The series whose beginning was looked for last, and when it began; null: none was found.
    internal byte[]? StartedSeries { get; set; }

    internal long StartTimestampMs { get; set; }
}
