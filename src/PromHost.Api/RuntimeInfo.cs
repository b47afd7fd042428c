namespace PromHost.Api;

/// <summary>What <c>/api/v1/status/runtimeinfo</c> tells; names follow Prometheus's.</summary>
public sealed record RuntimeInfo
{
    /// <summary>When the process started.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>The working directory.</summary>
    public string WorkingDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>The name of the machine.</summary>
    public string HostName { get; init; } = Environment.MachineName;

    /// <summary>Did the last reading of the configuration succeed?</summary>
    public bool ReloadConfigSuccess { get; init; } = true;

    /// <summary>When the configuration was last read.</summary>
    public DateTimeOffset LastConfigTime { get; init; }

    /// <summary>How long samples are kept: <c>15d</c>, <c>15d or 10GiB</c>.</summary>
    public required string StorageRetention { get; init; }
}
