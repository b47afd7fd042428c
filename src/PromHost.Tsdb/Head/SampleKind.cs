namespace PromHost.Tsdb;

/// <summary>What a sample is.</summary>
internal enum SampleKind : byte
{
    /// <summary>A float.</summary>
    Float,

    /// <summary>A native histogram with integer counts.</summary>
    IntegerHistogram,

    /// <summary>A native histogram with float counts.</summary>
    FloatHistogram,
}
