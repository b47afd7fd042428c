namespace PromHost.PromQL;

/// <summary>
/// What the windows of one series have to say beside their values; told once per series, as warnings and infos, when
/// its row comes to the query's thread.
/// </summary>
[Flags]
internal enum RangeNotes : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Floats and histograms in a window whose function takes only one kind.</summary>
    MixedKinds = 1,

    /// <summary>A gauge histogram where a counter is expected.</summary>
    NotCounter = 1 << 1,

    /// <summary>A histogram that is not a gauge where one is expected.</summary>
    NotGauge = 1 << 2,

    /// <summary>Exponential and custom buckets in one window.</summary>
    MixedBuckets = 1 << 3,

    /// <summary>Added histograms contradict each other about counter resets.</summary>
    ResetConflict = 1 << 4,

    /// <summary>Custom bounds differed in an addition.</summary>
    BoundsOfAddition = 1 << 5,

    /// <summary>Custom bounds differed in a subtraction.</summary>
    BoundsOfSubtraction = 1 << 6,

    /// <summary>Custom bounds differed in a sum or mean.</summary>
    BoundsOfAggregation = 1 << 7,

    /// <summary>Histograms were left out beside floats.</summary>
    IgnoredHistograms = 1 << 8,
}
