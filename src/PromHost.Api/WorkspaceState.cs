namespace PromHost.Api;

/// <summary>Whether a workspace answers.</summary>
public enum WorkspaceState
{
    /// <summary>Its storage is still being opened.</summary>
    Starting,

    /// <summary>It answers.</summary>
    Ready,

    /// <summary>It is being closed.</summary>
    Stopping,
}
