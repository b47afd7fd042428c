using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// A native histogram in the notation of test scripts, <c>{{schema:1 sum:2 count:3 buckets:[1 2]}}</c>. Buckets are
/// absolute counts at consecutive indices.
/// </summary>
public sealed record HistogramLiteral
{
    /// <summary>The resolution; -53 for custom buckets.</summary>
    public int Schema { get; init; }

    /// <summary>The sum of observations.</summary>
    public double Sum { get; init; }

    /// <summary>The number of observations.</summary>
    public double Count { get; init; }

    /// <summary>The count of the zero bucket.</summary>
    public double ZeroCount { get; init; }

    /// <summary>The width of the zero bucket.</summary>
    public double ZeroThreshold { get; init; }

    /// <summary>The index of the first positive bucket.</summary>
    public int PositiveOffset { get; init; }

    /// <summary>The counts of the positive buckets.</summary>
    public IReadOnlyList<double> PositiveBuckets { get; init; } = [];

    /// <summary>The index of the first negative bucket.</summary>
    public int NegativeOffset { get; init; }

    /// <summary>The counts of the negative buckets.</summary>
    public IReadOnlyList<double> NegativeBuckets { get; init; } = [];

    /// <summary>The upper bounds of custom buckets.</summary>
    public IReadOnlyList<double> CustomValues { get; init; } = [];

    /// <summary>The counter reset hint; null when none is given, which stands for unknown.</summary>
    public CounterResetHint? ResetHint { get; init; }
}
