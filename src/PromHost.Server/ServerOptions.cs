using PromHost.PromQL;

namespace PromHost.Server;

/// <summary>Everything that a start of the server is told. Immutable; each default with its unit and origin.</summary>
public sealed record ServerOptions
{
    /// <summary>The configuration file; null starts without one.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>The storage.</summary>
    public StorageOptions Storage { get; init; } = new();

    /// <summary>Where to listen, <c>host:port</c> each; an empty host is every address, port 0 any free one.</summary>
    public IReadOnlyList<string> ListenAddresses { get; init; } = ["0.0.0.0:9090"];

    /// <summary>The least severe level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Log lines as JSON instead of logfmt?</summary>
    public bool LogJson { get; init; }

    /// <summary>Is the remote-write receiver on? Unlike Prometheus's, ours is, unless switched off.</summary>
    public bool RemoteWriteReceiver { get; init; } = true;

    /// <summary>May data be deleted and copied over HTTP? Prometheus's default is no.</summary>
    public bool EnableAdminApi { get; init; }

    /// <summary>Limits of queries.</summary>
    public QueryLimits QueryLimits { get; init; } = new();

    /// <summary>Optional behaviour that is switched on.</summary>
    public QueryFeatures QueryFeatures { get; init; } = new();

    /// <summary>Feature names that were asked for and are not known; they only warn, as in Prometheus.</summary>
    public IReadOnlyList<string> UnknownFeatures { get; init; } = [];

    /// <summary>Every flag and its value as <c>/api/v1/status/flags</c> shows them.</summary>
    public IReadOnlyDictionary<string, string> Flags { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);
}
