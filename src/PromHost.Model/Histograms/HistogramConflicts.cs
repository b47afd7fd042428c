namespace PromHost.Model;

/// <summary>In what two or more histograms that were added did not agree.</summary>
[Flags]
public enum HistogramConflicts : byte
{
    /// <summary>In nothing that needs to be told.</summary>
    None = 0,

    /// <summary>Exponential buckets met custom ones: there is no sum, and nothing has changed.</summary>
    Schemas = 1,

    /// <summary>One says that the counter was reset before it, another that it was not.</summary>
    CounterResetHints = 2,

    /// <summary>Custom buckets had different bounds; the sum has those they have in common.</summary>
    CustomBounds = 4,
}
