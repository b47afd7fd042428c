using Microsoft.AspNetCore.Http;
using PromHost.PromQL;
using PromHost.Storage;

namespace PromHost.Api;

/// <summary>Maps what an endpoint threw to the error of the answer.</summary>
internal static class ApiErrors
{
    /// <summary>The error that the client gets to see.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="unexpected">Is it a fault of the server that its operator should see?</param>
    public static ApiException From(Exception exception, out bool unexpected)
    {
        unexpected = false;
        switch (exception)
        {
            case ApiException api: return api;
            case QueryException { InnerException: StorageUnavailableException cause }:
                return new ApiException(ApiErrorType.Unavailable, cause.Message);
            case QueryException query:
                unexpected = query is { Kind: QueryErrorKind.Execution, InnerException: not null };
                return new ApiException(TypeOf(query.Kind), query.Message);
            case ParseException parse: return new ApiException(ApiErrorType.BadData, parse.Message);
            case StorageUnavailableException: return new ApiException(ApiErrorType.Unavailable, exception.Message);
            case OperationCanceledException: return new ApiException(ApiErrorType.Canceled, "context canceled");
            case BadHttpRequestException bad: return new ApiException(ApiErrorType.BadData, bad.Message);
            case StorageReadException: break;
            default: unexpected = true; break;
        }

        return new ApiException(ApiErrorType.Internal, exception.Message);
    }

    private static ApiErrorType TypeOf(QueryErrorKind kind) => kind switch
    {
        QueryErrorKind.BadData => ApiErrorType.BadData,
        QueryErrorKind.Execution => ApiErrorType.Execution,
        QueryErrorKind.Canceled => ApiErrorType.Canceled,
        QueryErrorKind.Timeout => ApiErrorType.Timeout,
        _ => ApiErrorType.Internal,
    };
}
