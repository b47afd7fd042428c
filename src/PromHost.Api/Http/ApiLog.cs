using Microsoft.Extensions.Logging;

namespace PromHost.Api;

/// <summary>The room's log messages.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(1, LogLevel.Error, "Request to {Path} failed")]
    public static partial void RequestFailed(ILogger logger, string path, Exception exception);

    // The storage says once when it stops taking writes; a line per refused batch would fill a full disk further.
    [LoggerMessage(2, LogLevel.Debug, "Remote write request was not stored: {Reason}")]
    public static partial void WriteUnavailable(ILogger logger, string? reason);
}
