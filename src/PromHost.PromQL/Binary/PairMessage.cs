namespace PromHost.PromQL;

/// <summary>What a pair of points has to tell.</summary>
internal enum PairMessage : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The operator is not defined for two floats.</summary>
    FloatFloat,

    /// <summary>The operator is not defined for a float and a histogram.</summary>
    FloatHistogram,

    /// <summary>The operator is not defined for a histogram and a float.</summary>
    HistogramFloat,

    /// <summary>The operator is not defined for two histograms.</summary>
    HistogramHistogram,

    /// <summary>One histogram has exponential buckets, the other custom ones.</summary>
    BucketLayouts,

    /// <summary>One histogram says that the counter was reset, the other that it was not.</summary>
    CounterResets,

    /// <summary>The bounds of custom buckets differ.</summary>
    CustomBounds,
}
