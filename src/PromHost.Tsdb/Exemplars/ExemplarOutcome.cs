namespace PromHost.Tsdb;

/// <summary>What becomes of an exemplar.</summary>
internal enum ExemplarOutcome
{
    /// <summary>It is kept.</summary>
    Stored,

    /// <summary>It is there already: no error.</summary>
    AlreadyStored,

    /// <summary>Older than what its series has, by more than the out-of-order window.</summary>
    OutOfOrder,

    /// <summary>Its labels are longer than OpenMetrics allows.</summary>
    LabelsTooLong,

    /// <summary>No exemplars are kept.</summary>
    Disabled,
}
