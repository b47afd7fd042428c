namespace PromHost.Tsdb.Tests;

/// <summary>What may happen to a file.</summary>
public enum Fault
{
    /// <summary>The last bytes were never written.</summary>
    TornTail,

    /// <summary>A bit of the first bytes is another one.</summary>
    FlippedStart,

    /// <summary>A bit in the middle is another one.</summary>
    FlippedMiddle,

    /// <summary>A bit of the last byte is another one.</summary>
    FlippedEnd,

    /// <summary>The second half is gone.</summary>
    Halved,

    /// <summary>A page in the middle reads as zeros; of a short file, its second half.</summary>
    ZeroedPage,

    /// <summary>The file is gone.</summary>
    Missing,

    /// <summary>It has no bytes.</summary>
    Empty,
}
