namespace PromHost.Tsdb;

/// <summary>What became of a sample that is imported.</summary>
public enum ImportOutcome
{
    /// <summary>It will be in a block.</summary>
    Added,

    /// <summary>The same sample was there already.</summary>
    Repeated,

    /// <summary>The series has another value at this time.</summary>
    Conflicting,

    /// <summary>The series has a newer sample.</summary>
    OutOfOrder,
}
