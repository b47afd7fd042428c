namespace PromHost.Model;

/// <summary>The numbers of a native histogram beside its buckets; see <see cref="NativeHistogram"/>.</summary>
public readonly record struct HistogramHead
{
    /// <summary>Resolution.</summary>
    public required int Schema { get; init; }

    /// <summary>Number of observations.</summary>
    public required double Count { get; init; }

    /// <summary>Sum of the observations.</summary>
    public required double Sum { get; init; }

    /// <summary>Observations in the zero bucket.</summary>
    public double ZeroCount { get; init; }

    /// <summary>Half width of the zero bucket.</summary>
    public double ZeroThreshold { get; init; }

    /// <summary>Did the sender count in integers?</summary>
    public bool IsInteger { get; init; }

    /// <summary>What is known of a counter reset before it.</summary>
    public CounterResetHint CounterResetHint { get; init; }
}
