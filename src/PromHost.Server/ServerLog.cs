namespace PromHost.Server;

/// <summary>The log lines of the server.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Listening on {Address}")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Ready: {Series} series after {Seconds:F2} s")]
    public static partial void Ready(ILogger logger, long series, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: no new requests, the storage is being closed")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "SIGHUP: the configuration is not reloaded while running yet; restart the server to apply changes")]
    public static partial void CannotReload(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(Level = LogLevel.Error, Message = "The storage cannot be opened: {Reason}")]
    public static partial void CannotOpen(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Unknown option for --enable-feature: {Feature}")]
    public static partial void UnknownFeature(ILogger logger, string feature);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The configuration's section {Section} is read past: this version does not act on it")]
    public static partial void IdleSection(ILogger logger, string section);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Feature} is on: going back to Prometheus with this data directory needs Prometheus 3.14 or later")]
    public static partial void NewFormat(ILogger logger, string feature);

    [LoggerMessage(Level = LogLevel.Warning, Message = "storage.tsdb.retention.size is ignored, because " +
        "storage.tsdb.retention.percentage is specified")]
    public static partial void RetentionSizeIgnored(ILogger logger);
}
