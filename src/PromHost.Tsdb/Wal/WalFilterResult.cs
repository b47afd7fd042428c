namespace PromHost.Tsdb;

/// <summary>What <see cref="WalRecordFilter"/> leaves of a record.</summary>
internal enum WalFilterResult
{
    /// <summary>All of it.</summary>
    Whole,

    /// <summary>Some of its entries.</summary>
    Part,

    /// <summary>None of its entries.</summary>
    Nothing,
}
