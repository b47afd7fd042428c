namespace PromHost.Model;

/// <summary>What observed NaNs, which are counted but in no bucket, did to an estimate.</summary>
public enum HistogramNaNEffect : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>They moved a quantile upwards, or are missing in a fraction.</summary>
    Skewed,

    /// <summary>The quantile lies among them: it is NaN.</summary>
    NoResult,
}
