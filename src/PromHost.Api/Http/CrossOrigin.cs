using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace PromHost.Api;

/// <summary>Lets web pages of other origins read the API's answers.</summary>
internal static class CrossOrigin
{
    /// <summary>Sets the headers that the request's origin is due.</summary>
    public static void SetHeaders(HttpContext http, Workspace workspace)
    {
        var headers = http.Response.Headers;
        headers.Vary = StringValues.Concat(headers.Vary, "Origin");
        var origin = http.Request.Headers.Origin.ToString();
        if (origin.Length == 0) return;
        headers.AccessControlAllowHeaders = "Accept, Authorization, Content-Type, Origin";
        headers.AccessControlAllowMethods = "GET, POST, OPTIONS";
        headers.AccessControlExposeHeaders = "Date";
        if (workspace.AllowOrigin(origin)) headers.AccessControlAllowOrigin = origin;
    }
}
