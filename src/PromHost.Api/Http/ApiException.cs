namespace PromHost.Api;

/// <summary>A request that is answered with an error; the message is for the client.</summary>
internal sealed class ApiException(ApiErrorType type, string message) : Exception(message)
{
    /// <summary>What kind of error.</summary>
    public ApiErrorType Type { get; } = type;

    /// <summary>The name that the answer carries.</summary>
    public static string NameOf(ApiErrorType type) => type switch
    {
        ApiErrorType.BadData => "bad_data",
        ApiErrorType.Execution => "execution",
        ApiErrorType.Canceled => "canceled",
        ApiErrorType.Timeout => "timeout",
        ApiErrorType.Unavailable => "unavailable",
        ApiErrorType.NotFound => "not_found",
        _ => "internal",
    };

    /// <summary>The HTTP status of the answer.</summary>
    public static int StatusOf(ApiErrorType type) => type switch
    {
        ApiErrorType.BadData => 400,
        ApiErrorType.Execution => 422,
        // Of nginx: the client closed the connection.
        ApiErrorType.Canceled => 499,
        ApiErrorType.Timeout => 503,
        ApiErrorType.NotFound => 404,
        _ => 500,
    };

    /// <summary>A wrong parameter, in the words of Prometheus.</summary>
    public static ApiException InvalidParameter(string name, string cause) =>
        new(ApiErrorType.BadData, $"invalid parameter \"{name}\": {cause}");
}
