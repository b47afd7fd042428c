namespace PromHost.Tsdb;

/// <summary>When the log is made to survive a power cut; a killed process loses nothing in any case.</summary>
public enum WalSyncPolicy
{
    /// <summary>After an interval at the latest.</summary>
    Interval,

    /// <summary>Before a batch is acknowledged; batches that wait together share one sync.</summary>
    Always,

    /// <summary>When the operating system likes.</summary>
    Never,
}
