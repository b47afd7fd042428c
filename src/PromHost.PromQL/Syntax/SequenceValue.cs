namespace PromHost.PromQL;

/// <summary>One value of a series in the notation of test scripts: nothing, a number or a histogram.</summary>
public readonly record struct SequenceValue
{
    /// <summary>True for <c>_</c>: the series has no sample at this step.</summary>
    public bool IsOmitted { get; init; }

    /// <summary>The number; the staleness marker for <c>stale</c>.</summary>
    public double Value { get; init; }

    /// <summary>The histogram, or null for a number.</summary>
    public HistogramLiteral? Histogram { get; init; }

    /// <summary>
    /// What is added to <see cref="Histogram"/> <see cref="IncrementCount"/> times, one after the other, to get the
    /// value; null when <see cref="Histogram"/> is the value.
    /// </summary>
    public HistogramLiteral? Increment { get; init; }

    /// <summary>How many times <see cref="Increment"/> is added; negative when it is subtracted.</summary>
    public int IncrementCount { get; init; }

    /// <summary>Was <c>counter_reset_hint</c> given? If not, test scripts do not compare it.</summary>
    public bool IsCounterResetHintSet { get; init; }
}
