namespace PromHost.PromQL;

/// <summary>What is written down of a node of a plan when the query is explained.</summary>
/// <remarks>One thread at a time.</remarks>
internal sealed class NodeMeasure
{
    /// <summary>The name of its operator.</summary>
    public string Operator { get; set; } = "";

    /// <summary>At how many times it is evaluated.</summary>
    public int Steps { get; set; } = 1;

    /// <summary>Is it evaluated once for all steps of what is around it?</summary>
    public bool IsOnce { get; set; }

    /// <summary>What it selects from the storage; null for what selects nothing itself.</summary>
    public Selection? Selection { get; set; }

    /// <summary>An upper bound of the series that it selects.</summary>
    public long EstimatedSeries { get; set; }

    /// <summary>Series emitted.</summary>
    public long Series { get; set; }

    /// <summary>Points emitted.</summary>
    public long Points { get; set; }

    /// <summary>Time spent in it and below it, in ticks of the stopwatch.</summary>
    public long ElapsedTicks { get; set; }
}
