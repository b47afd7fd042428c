using Microsoft.Extensions.Logging;

namespace PromHost.Api;

/// <summary>The room's log messages.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(1, LogLevel.Error, "Request to {Path} failed")]
    public static partial void RequestFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "Remote write request was not stored: {Reason}")]
    public static partial void WriteUnavailable(ILogger logger, string? reason);
}
