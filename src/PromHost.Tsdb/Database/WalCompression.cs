namespace PromHost.Tsdb;

/// <summary>How records of the write-ahead log are compressed.</summary>
public enum WalCompression
{
    /// <summary>Snappy, which every Prometheus reads. The default.</summary>
    Snappy,

    /// <summary>Not at all.</summary>
    None,

    /// <summary>Zstd, by a library of the system; smaller, and slower to write.</summary>
    Zstd,
}
