using Microsoft.AspNetCore.Http;

namespace PromHost.Api;

/// <summary>Answers paths that there are none of.</summary>
internal static class UnknownPath
{
    public static Task HandleAsync(HttpContext http) => PlainText.WriteAsync(http, StatusCodes.Status404NotFound,
        $"404 page not found: PromHost has no endpoint {http.Request.PathBase}{http.Request.Path}\n");
}
