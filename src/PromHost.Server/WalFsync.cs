namespace PromHost.Server;

/// <summary>When the write-ahead log is synced to the disk. A killed process loses nothing with any of them.</summary>
public enum WalFsync
{
    /// <summary>Before each answer, shared by concurrent requests: a power cut costs nothing.</summary>
    Always,

    /// <summary>Every second: a power cut costs at most the last second.</summary>
    Interval,

    /// <summary>When the system likes.</summary>
    Never,
}
