namespace PromHost.PromQL;

/// <summary>What an instant selector hands out of the samples that it finds.</summary>
internal enum SelectedField : byte
{
    /// <summary>The values or histograms.</summary>
    Value,

    /// <summary>Their times in seconds, for <c>timestamp</c>.</summary>
    Time,

    /// <summary>When their counters started, in seconds, 0 if unknown, for <c>start_timestamp</c>.</summary>
    Start,

    /// <summary>The times in seconds of <c>info</c>'s metrics, which keep their names and are floats.</summary>
    InfoTime,
}
