namespace PromHost.Interop.Tests;

/// <summary>Where two answers differ.</summary>
internal enum FuzzAspect
{
    /// <summary>One failed, or both did in different ways.</summary>
    Error,

    /// <summary>A warning or info is missing in one of them.</summary>
    Annotation,

    /// <summary>The order of the series.</summary>
    Order,

    /// <summary>One has a point, the other none.</summary>
    Presence,

    /// <summary>Two floats.</summary>
    Float,

    /// <summary>Two histograms, or a histogram and a float.</summary>
    Histogram,
}
