namespace PromHost.Tsdb;

/// <summary>What a sample is.</summary>
internal enum SampleKind : byte
{
    /// <summary>A float.</summary>
    Float,

    /// <summary>
    /// A float with a start timestamp, which is logged apart from others. Until the next start: it is a float then.
    /// </summary>
    FloatWithStart,

    /// <summary>A native histogram with integer counts.</summary>
    IntegerHistogram,

    /// <summary>A native histogram with float counts.</summary>
    FloatHistogram,
}
