namespace PromHost.PromQL;

/// <summary>Whether a query may hold what it asks for.</summary>
internal enum MemoryVerdict
{
    /// <summary>It may.</summary>
    Granted,

    /// <summary>It would hold more than one query may.</summary>
    QueryIsFull,

    /// <summary>All queries together would hold more than they may, and this one more than its share.</summary>
    PoolIsFull,
}
