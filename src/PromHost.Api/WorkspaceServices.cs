using PromHost.PromQL;
using PromHost.Remote;
using PromHost.Storage;

namespace PromHost.Api;

/// <summary>What a workspace answers requests with, once its storage is open.</summary>
public sealed record WorkspaceServices
{
    /// <summary>Where queries read.</summary>
    public required IQuerySource Queries { get; init; }

    /// <summary>Evaluates queries; stays the caller's.</summary>
    public required QueryEngine Engine { get; init; }

    /// <summary>What operators ask of the storage.</summary>
    public required IStorageAdmin Admin { get; init; }

    /// <summary>The metadata of metric families.</summary>
    public required IMetadataSource Metadata { get; init; }

    /// <summary>Where exemplars are read.</summary>
    public required IExemplarSource Exemplars { get; init; }

    /// <summary>What operators may have done to the storage; null when that is switched off.</summary>
    public IStorageMaintenance? Maintenance { get; init; }

    /// <summary>Takes remote-write requests; null when the receiver is switched off.</summary>
    public RemoteWriteReceiver? RemoteWrite { get; init; }
}
