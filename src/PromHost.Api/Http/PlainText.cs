using Microsoft.AspNetCore.Http;

namespace PromHost.Api;

/// <summary>Answers that are plain text.</summary>
internal static class PlainText
{
    /// <summary>Answers with a text and a status.</summary>
    public static Task WriteAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (HttpMethods.IsHead(http.Request.Method)) return Task.CompletedTask;
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        http.Response.ContentLength = bytes.Length;
        return http.Response.Body.WriteAsync(bytes, http.RequestAborted).AsTask();
    }
}
