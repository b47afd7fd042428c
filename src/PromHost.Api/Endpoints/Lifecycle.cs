using Microsoft.AspNetCore.Http;

namespace PromHost.Api;

/// <summary><c>/-/reload</c> and <c>/-/quit</c>, which are not offered over HTTP.</summary>
internal static class Lifecycle
{
    /// <summary>Turns the request away in the words of Prometheus.</summary>
    public static Task HandleAsync(HttpContext http) =>
        HttpMethods.IsPost(http.Request.Method) || HttpMethods.IsPut(http.Request.Method)
            ? PlainText.WriteAsync(http, StatusCodes.Status403Forbidden, "Lifecycle API is not enabled.")
            : PlainText.WriteAsync(http, StatusCodes.Status405MethodNotAllowed, "Only POST or PUT requests allowed");
}
