namespace PromHost.Storage;

/// <summary>What became of one sample, or of a series as a whole, that a sender offered.</summary>
public enum AppendResult : byte
{
    /// <summary>Stored.</summary>
    Stored,

    /// <summary>A sample with this timestamp and these bits is stored already: no error.</summary>
    AlreadyStored,

    /// <summary>A sample with this timestamp and another value is stored.</summary>
    DuplicateTimestamp,

    /// <summary>Older than the newest sample of its series.</summary>
    OutOfOrder,

    /// <summary>Older than the out-of-order window reaches.</summary>
    TooOld,

    /// <summary>Older than what the storage still keeps open for writing.</summary>
    OutOfBounds,

    /// <summary>Too far in the future.</summary>
    TooFarAhead,

    /// <summary>A native histogram of a schema that there is not.</summary>
    HistogramSchema,

    /// <summary>A native histogram whose spans do not fit its buckets.</summary>
    HistogramSpans,

    /// <summary>A native histogram with a negative count.</summary>
    HistogramNegativeCount,

    /// <summary>A native histogram whose buckets do not add up to its count.</summary>
    HistogramCountMismatch,

    /// <summary>A native histogram with bad bounds of custom buckets, or with what does not go with them.</summary>
    HistogramCustomBounds,

    /// <summary>The series has no <c>__name__</c>.</summary>
    MissingMetricName,

    /// <summary>The series has a label twice.</summary>
    DuplicateLabelName,

    /// <summary>A label has an empty name.</summary>
    EmptyLabelName,

    /// <summary>A label name or value is not UTF-8.</summary>
    InvalidUtf8,

    /// <summary>A label name or value is longer than the storage can hold.</summary>
    LabelTooLong,
}
