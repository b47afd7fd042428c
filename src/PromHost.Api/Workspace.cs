using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using PromHost.Storage;

namespace PromHost.Api;

/// <summary>
/// One tenant's database as the HTTP API sees it: what its routes answer with. The server makes one for the root; it
/// can be mapped before its storage is open, and answers 503 until then. Thread-safe.
/// </summary>
public sealed class Workspace
{
    private volatile WorkspaceServices? _services;
    private volatile bool _stopping;

    /// <summary>The workspace's name; the root's is <c>default</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What was built.</summary>
    public required BuildInfo Build { get; init; }

    /// <summary>Where the API's instruments are created; stays the caller's.</summary>
    public required Meter Meter { get; init; }

    /// <summary>Tells the state of the process, anew for each request.</summary>
    public required Func<RuntimeInfo> RuntimeInfo { get; init; }

    /// <summary>Every flag and its value, without the leading dashes.</summary>
    public IReadOnlyDictionary<string, string> Flags { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The configuration in force as YAML, secrets replaced.</summary>
    public Func<string> ConfigText { get; init; } = () => "";

    /// <summary>How far the replay is, asked before the storage is open.</summary>
    public Func<ReplayStatus> ReplayStatus { get; init; } = () => default;

    /// <summary>The instruments that <c>/metrics</c> shows; null: there is no such path.</summary>
    public MetricsCollector? Metrics { get; init; }

    /// <summary>Which web pages may read the answers; <c>Access-Control-Allow-Origin</c>.</summary>
    public Func<string, bool> AllowOrigin { get; init; } = _ => true;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where failures of the server itself are told.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Whether requests are answered.</summary>
    public WorkspaceState State => (_stopping, _services) switch
    {
        (true, _) => WorkspaceState.Stopping,
        (_, null) => WorkspaceState.Starting,
        _ => WorkspaceState.Ready,
    };

    internal WorkspaceServices? Services => _services;

    /// <summary>The storage is open: requests are answered from now on.</summary>
    public void Open(WorkspaceServices services) => _services = services;

    /// <summary>The workspace is about to close: requests are turned away from now on.</summary>
    public void Stop() => _stopping = true;
}
