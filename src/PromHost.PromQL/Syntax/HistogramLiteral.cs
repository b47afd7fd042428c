using PromHost.Model;

namespace PromHost.PromQL;

/// <summary>
/// A native histogram in the notation of test scripts, <c>{{schema:1 sum:2 count:3 buckets:[1 2]}}</c>. Buckets are
/// absolute counts at consecutive indices.
/// </summary>
public sealed record HistogramLiteral
{
    private const int CustomBucketsSchema = -53;

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

    /// <summary>The histogram in the notation of test scripts; parsing it again gives the same histogram.</summary>
    public override string ToString()
    {
        var fields = new List<string>();
        Add(fields, "schema", Schema);
        Add(fields, "count", Count);
        Add(fields, "sum", Sum);
        Add(fields, "z_bucket", ZeroCount);
        Add(fields, "z_bucket_w", ZeroThreshold);
        if (Schema == CustomBucketsSchema) AddList(fields, "custom_values", CustomValues);
        var hint = ResetHint switch
        {
            CounterResetHint.CounterReset => "reset",
            CounterResetHint.NotCounterReset => "not_reset",
            CounterResetHint.Gauge => "gauge",
            _ => null,
        };
        if (hint is not null) fields.Add("counter_reset_hint:" + hint);
        if (PositiveBuckets.Count > 0) Add(fields, "offset", PositiveOffset);
        if (PositiveBuckets.Count > 0) AddList(fields, "buckets", PositiveBuckets);
        if (NegativeBuckets.Count > 0) Add(fields, "n_offset", NegativeOffset);
        if (NegativeBuckets.Count > 0) AddList(fields, "n_buckets", NegativeBuckets);
        return "{{" + string.Join(' ', fields) + "}}";
    }

    private static void Add(List<string> fields, string name, double value)
    {
        if (value != 0) fields.Add(name + ":" + GoFloat.FormatGeneral(value));
    }

    private static void AddList(List<string> fields, string name, IReadOnlyList<double> values) =>
        fields.Add($"{name}:[{string.Join(' ', values.Select(GoFloat.FormatGeneral))}]");
}
