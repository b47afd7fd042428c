namespace PromHost.Model;

/// <summary>In what way a native histogram contradicts itself.</summary>
public enum HistogramFaultKind : byte
{
    /// <summary>In none.</summary>
    None,

    /// <summary>The schema is none that samples may have.</summary>
    Schema,

    /// <summary>The spans say another number of buckets, or have a negative offset inside.</summary>
    Spans,

    /// <summary>A count is negative.</summary>
    NegativeCount,

    /// <summary>The buckets do not add up to the count.</summary>
    Count,

    /// <summary>The bounds of custom buckets are wrong, or there is what does not belong to such buckets.</summary>
    CustomBounds,
}
