namespace PromHost.Exposition;

/// <summary>What a reader of an exposition stands at.</summary>
public enum ExpositionEntryKind
{
    /// <summary>The text is wrong; nothing can be read any more.</summary>
    Error,

    /// <summary>The exposition has ended.</summary>
    End,

    /// <summary>The text ends at a line's end, but the exposition goes on.</summary>
    NeedsMore,

    /// <summary>What a metric family means.</summary>
    Help,

    /// <summary>The type of a metric family.</summary>
    Type,

    /// <summary>The unit of a metric family.</summary>
    Unit,

    /// <summary>A sample.</summary>
    Series,
}
