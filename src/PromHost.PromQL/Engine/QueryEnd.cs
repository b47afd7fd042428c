namespace PromHost.PromQL;

/// <summary>Why a query was ended before it was done.</summary>
internal enum QueryEnd
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>Somebody wanted it to.</summary>
    Requested,

    /// <summary>Others needed the memory that it held.</summary>
    Memory,
}
